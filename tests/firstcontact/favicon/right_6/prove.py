from bs4 import BeautifulSoup
from app import create_app
c = create_app().test_client()
ico = open("statisch/bilder/favicon.ico", "rb").read()
assert ico[:6] == b"\0\0\1\0\2\0"
for prefix in "", "/koch":
    env = {"SCRIPT_NAME": prefix}
    for path in "/", "/rezept/knoedel", "/rezept/strudel/drucken", "/rezept/nichts":
        links = BeautifulSoup(c.get(path, environ_overrides=env).text, "html.parser").head.select('link[rel~="icon"]')
        assert [l["href"] for l in links] == [f"{prefix}/statisch/bilder/topf.svg", f"{prefix}/statisch/bilder/favicon.ico"]
assert c.get("/statisch/bilder/topf.svg").mimetype == "image/svg+xml"
assert c.get("/statisch/bilder/favicon.ico").data == ico
r = c.get("/favicon.ico")
assert r.data == ico and r.mimetype == "image/x-icon"
print("proved")
