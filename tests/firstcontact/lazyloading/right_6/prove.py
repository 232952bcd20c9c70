import sys

from app import create_app, spaet

c = create_app().test_client()
assert not [m for m in sys.modules if m.startswith("buecherei")]
assert c.get("/medien/1").json["titel"] == "Der Zauberberg"
assert "buecherei.medien" in sys.modules and "buecherei.leser" not in sys.modules
assert c.get("/").json["medium"] == "/medien/1"
assert c.post("/medien/1/vormerkung").status_code == 202
assert c.get("/leser/anna").json["leser"] == "anna"
v = spaet("buecherei.leser.konto")
assert (v.__module__, v.__name__) == ("buecherei.leser", "konto")
