import sys

from app import OneShot, app

c = app.test_client()
assert not [m for m in sys.modules if m.startswith("intra")]
assert c.get("/intern/menu.csv").text.startswith("day,meal")
assert "intra.canteen" in sys.modules and "intra.board" not in sys.modules
import intra.canteen
assert app.view_functions["menu"] is intra.canteen.menu      # the lazy view is gone
assert "/intern/notices/2" in c.get("/intern/").text
assert "coffee" in c.get("/intern/notices/2").text
assert c.get("/intern/notices/9").status_code == 410
assert c.post("/intern/search", data={"q": "x"}).json["query"] == "x"
v = OneShot("intra.board.notice")
assert (v.__module__, v.__name__) == ("intra.board", "notice")
