import sys
from app import app
from radio.deferred import deferred

loaded = lambda: {m for m in sys.modules if m.startswith("radio.ressources")}
assert not loaded()
c = app.test_client()
r = c.get("/radio/programme/lundi")
assert r.status_code == 200 and 'heure="07:00">Matinale' in r.text and r.mimetype == "application/xml"
assert "radio.ressources.auditeurs" not in loaded() and "radio.ressources.antenne" not in loaded()
assert c.get("/radio/programme").status_code == 200
assert c.get("/radio/courrier").status_code == 200
assert c.post("/radio/courrier", data={"texte": "bravo"}).status_code == 202
assert c.post("/radio/courrier").status_code == 422
assert c.get("/radio/direct").status_code == 202
v = deferred("radio.ressources.programme.Programme")
assert (v.__module__, v.__name__) == ("radio.ressources.programme", "Programme")
sys.modules["tmp_views"] = type(sys)("tmp_views"); sys.modules["tmp_views"].f = lambda x: x
with app.test_request_context():
    assert deferred("tmp_views.f")(x=3) == 3
print("proved")
