import sys
from app import create_app
from clubhouse.helpers import lazy

app = create_app()
mods = ("clubhouse.public", "clubhouse.account", "clubhouse.members")
assert not any(m in sys.modules for m in mods)
c = app.test_client()
assert c.get("/club/members/").status_code == 302 and "clubhouse.members" not in sys.modules
assert c.get("/club/opening-hours.txt").status_code == 203 and "clubhouse.public" in sys.modules
assert "clubhouse.account" not in sys.modules
assert c.get("/club/login").status_code == 200
assert c.post("/club/login", data={"name": "ada", "password": "x"}).status_code == 403
r = c.post("/club/login", data={"name": "ada", "password": "oar"}, follow_redirects=True)
assert "You are ada" in r.text
assert c.post("/club/logout").status_code == 303
v = lazy("clubhouse.public.welcome")
assert (v.__module__, v.__name__) == ("clubhouse.public", "welcome")
print("proved")
