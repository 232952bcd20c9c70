import sys

from app import create_app
from harbour.late import late

c = create_app().test_client()
assert not [m for m in sys.modules if m.startswith("harbour.pages")]
assert c.get("/office/").status_code == 403 and "harbour.pages.desk" not in sys.modules
assert c.get("/office/hours.txt").mimetype == "text/plain"
assert "harbour.pages.hours" in sys.modules and "harbour.pages.quay" not in sys.modules
assert "/berths/a1" in c.get("/berths/").text
assert c.post("/login", data={"name": "Ada"}).status_code == 303
assert "On duty: Ada" in c.get("/office/").text
v = late("harbour.pages.quay.berth")
assert (v.__module__, v.__name__) == ("harbour.pages.quay", "berth")
