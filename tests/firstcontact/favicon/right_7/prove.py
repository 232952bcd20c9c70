from bs4 import BeautifulSoup
from app import create_app
c = create_app().test_client()
ico = open("static/favicon.ico", "rb").read()
def icon(path, **kw):
    return BeautifulSoup(c.get(path, **kw).text, "lxml").head.select_one('link[rel~="ICON"]')["href"]
assert c.get("/club/room").status_code == 302
assert icon("/club/login") == "/static/favicon.ico"
r = c.get("/favicon.ico")
assert r.status_code == 301 and c.get(r.location).data == ico
assert c.post("/club/login", data={"name": "ines", "pin": "2468"}).status_code == 303
assert icon("/club/room/next/to/the/window") == "/static/favicon.ico"
assert icon("/club/room", environ_overrides={"SCRIPT_NAME": "/x"}) == "/x/static/favicon.ico"
print("proved")
