from app import app
from building import build, run

c = app.test_client()
assert c.post("/readings", json={"place": "Oulu", "celsius": "-4"}).status_code == 201
assert c.post("/readings", json={"place": "Oulu", "celsius": "NaN"}).status_code == 422
assert c.get("/", headers={"X-Forwarded-Prefix": "/w"}).json["readings"] == "/w/readings"
site, log = build("hatchling.build")
assert site, log
r = run("from station import app; c = app.test_client()\n"
        "print([c.get(p).status_code for p in ('/', '/readings', '/healthz')])\n"
        "import station.scripts.seed as s; s.main(); print(len(c.get('/readings').json))", site)
assert r.stdout.split("\n")[:2] == ["[200, 200, 204]", "2"], r
print("proved")
