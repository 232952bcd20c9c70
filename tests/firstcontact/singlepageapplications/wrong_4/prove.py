from urllib.parse import urljoin
from app import app
c = app.test_client()
src = urljoin("/teams/3", "app/main.js")
r = c.get(src)
assert src == "/teams/app/main.js" and r.mimetype == "text/html"
print("on /teams/3 the script is", src, "and that is", r.mimetype)
