from bs4 import BeautifulSoup
from app import create_app
c = create_app().test_client()
ico = open("branding/gauge.ico", "rb").read()
assert b"\x89PNG" in ico and ico[:4] == b"\0\0\1\0"
for path, parser in ("/wall", "lxml"), ("/gauges/", "xml"), ("/gauges/0.5/2.5/", "xml"):
    head = BeautifulSoup(c.get(path).data, parser).head
    r = c.get(head.find("link", rel="icon")["href"])
    assert r.data == ico and r.mimetype == "image/vnd.microsoft.icon" and "immutable" in r.headers["Cache-Control"]
r = c.get("/favicon.ico")
assert r.data == ico and r.mimetype == "image/vnd.microsoft.icon"
assert c.get("/brand/0000.ico").status_code == 404
print("proved")
