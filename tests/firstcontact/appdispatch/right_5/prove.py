from werkzeug.test import Client
from app import application, create_app, subdomains, create_stage
assert create_app().test_client().get("/archive/1999").json["url"] == "/archive/1999"
assert create_app().test_client().get("/archives").status_code == 404
c = Client(application)
assert c.get("/", base_url="http://studio.theatre.example:5000").json["stage"] == "Studio"
assert c.get("/", base_url="http://no.theatre.example").status_code == 404
calls = []
def flaky(key):
    calls.append(key)
    if len(calls) == 1: raise RuntimeError
    return create_stage("main")
d = Client(subdomains("ex.org", flaky))
try: d.get("/", base_url="http://a.ex.org")
except RuntimeError: pass
assert d.get("/", base_url="http://a.ex.org").status_code == 200
print("ok")
