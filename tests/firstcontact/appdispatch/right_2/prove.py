from werkzeug.test import Client
from app import application
c = Client(application)
g = lambda h: c.get("/", base_url=f"http://{h}/")
assert g("nord.journaux.example:8080").json["titre"] == "Le Nord"
assert g("SUD.journaux.example").json["titre"] == "Le Sud"
assert g("journaux.example").json["titre"] == "Tous les journaux"
assert g("est.journaux.example").status_code == 404 and g("xjournaux.example").status_code == 404
assert g("example").status_code == 404
print("ok")
