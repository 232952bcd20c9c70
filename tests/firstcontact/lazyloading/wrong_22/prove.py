import sys
from app import create_app

app = create_app()
assert not [m for m in sys.modules if m.endswith(".views") and m.startswith("portal")]
c = app.test_client()
assert "<h1>Blog" in c.get("/blog/").text
assert "<h1>Blog" in c.get("/wiki/").text            # the wiki's front page is the blog's
assert "portal.wiki.views" not in sys.modules
assert "Ask Ines" in c.get("/wiki/page/Holidays").text
print("proved")
