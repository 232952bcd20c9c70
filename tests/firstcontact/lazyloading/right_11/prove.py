import sys
from app import create_app
from buecherei.spaet import spaete_ansicht

app = create_app()
c = app.test_client()
late = lambda: {m for m in sys.modules if m.startswith("buecherei.ansichten.")}
assert late() == set()
assert c.get("/").status_code == 200 and late() == {"buecherei.ansichten.seiten"}
assert c.get("/api/v1/bücher/2").json["titel"] == "Die Blechtrommel"
assert c.get("/api/v1/bücher").status_code == 200
assert "buecherei.ansichten.ausleihe" not in sys.modules
assert c.get("/api/v1/ausleihen").json == {}
assert c.post("/api/v1/ausleihen", json={"buch": 1, "wer": "Ada"}).status_code == 201
v = spaete_ansicht("buecherei.ansichten.seiten.start")
assert v.__name__ == "start" and v.__module__ == "buecherei.ansichten.seiten"
try:
    spaete_ansicht("buecherei.ansichten.fehlt.x")()
except ImportError:
    pass
else:
    raise AssertionError
print("proved")
