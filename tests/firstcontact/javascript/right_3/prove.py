import json
from html.parser import HTMLParser
from app import create_app
c = create_app().test_client()
got = []
class P(HTMLParser):
    def handle_starttag(self, tag, attrs):
        if tag == "main": got.append(dict(attrs))
P().feed(c.get("/", query_string={"niveau": "'\"><b>é"}).text)
assert json.loads(got[0]["data-profil"])["niveau"] == "'\"><b>é"
assert c.delete("/session").status_code == 303
assert "&lt;b&gt;" in c.get("/carte?nom=<b>").text
print("ok")
