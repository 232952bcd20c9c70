import sys

from app import app

c = app.test_client()
assert not [m for m in sys.modules if m.startswith("club")]
assert "Cooking club" in c.get("/").text
assert "Cooking club" in c.get("/events/").text          # the home page again
assert "club.events" not in sys.modules
assert c.get("/recipes/soup").json["recipe"] == "Onion soup"
assert c.get("/events/may").status_code == 404           # asks the recipes for it
assert "club.events" not in sys.modules
