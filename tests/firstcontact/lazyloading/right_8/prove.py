import sys

from app import LazyView, app

c = app.test_client()
assert not [m for m in sys.modules if m.startswith("rail")]
assert c.get("/api/v1/ping").status_code == 203
assert "rail.misc" in sys.modules and "rail.stations" not in sys.modules
assert c.get("/api/v1/timetable/GVA.xml").mimetype == "application/xml"
assert "rail.timetable" in sys.modules and "rail.stations" not in sys.modules
assert c.post("/api/v1/stations", json={"code": "BRN", "name": "Bern"}).status_code == 201
assert c.get("/api/v1/stations/BRN").json["name"] == "Bern"
assert c.get("/api/v1/stations/XXX").mimetype == "application/problem+json"
assert set(app.view_functions) >= {"Stations", "Station", "Timetable", "ping"}
v = LazyView("rail.misc.ping")
assert (v.__module__, v.__name__) == ("rail.misc", "ping")
