from bs4 import BeautifulSoup
from app import app
c = app.test_client()
ico = open("static/favicon.ico", "rb").read()
for prefix in "", "/rymden":
    for path in "/", "/planet/venus/år", "/planet/pluto/år":
        head = BeautifulSoup(c.get(path, environ_overrides={"SCRIPT_NAME": prefix}).text, "html.parser").head
        assert head.select_one('link[rel~="icon"]')["href"] == prefix + "/static/favicon.ico"
assert c.get("/static/favicon.ico").data == ico
r = c.get("/favicon.ico")
assert r.data == ico and r.mimetype == "image/vnd.microsoft.icon"
assert c.head("/favicon.ico").content_length == len(ico)
print("proved")
