from werkzeug.test import Client
from app import application
c = Client(application)
assert c.get("/", base_url="http://chess.clubs.example/").status_code == 200
r = c.get("/", base_url="http://chess.clubs.example:8000/")
assert r.status_code == 404
print("with a port in the Host header:", r.status)
