from html.parser import HTMLParser
from app import create_app
got = []
class P(HTMLParser):
    def handle_starttag(self, tag, attrs):
        if tag == "figure": got.append(dict(attrs))
P().feed(create_app().test_client().get("/?title=x").text)
assert got[0]["data-chart"] == "{", got
print("data-chart as a browser reads it:", got[0])
