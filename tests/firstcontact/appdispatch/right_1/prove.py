from werkzeug.test import Client
from app import application
c = Client(application)
assert c.get("/chor/termine").json["start"] == "/chor/"
assert 'href="/schach/termine"' in c.get("/schach", follow_redirects=True).text
assert c.get("/impressum").text == "Impressum" and c.get("/nix/da").status_code == 404
assert c.get("/").json["wurzel"] == ""
print("ok")
