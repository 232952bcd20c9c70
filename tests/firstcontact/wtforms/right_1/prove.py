import re
import tempfile

import app as module

app = module.create_app({"DATEI": tempfile.mkdtemp() + "/v.db"})
client = app.test_client()
url = "/verein/mitglieder/neu"
valid = {"vorname": "Jürgen", "post": "juergen@example.org", "geboren": "1970-02-28", "beitrag": "12.50", "art": "p"}
token = re.search('name="csrf_token"[^>]*value="([^"]+)"', client.get(url).text)[1]


def post(**changes):
    return client.post(url, data={"csrf_token": token, **valid, **changes})


assert post().status_code == 302 and client.get("/verein/mitglieder/").json == [{"vorname": "Jürgen", "post": "juergen@example.org"}]
assert post().status_code == 422
assert post(post="mark123juergen@example.org").status_code == 302
for bad in ({"post": "x"}, {"geboren": "heute"}, {"beitrag": "501"}, {"beitrag": "-1"}, {"art": "x"}, {"vorname": ""}, {"csrf_token": "x"}):
    r = post(**{"post": "n@example.org", **bad})
    assert r.status_code == 422, bad
assert post(post="z@example.org", beitrag="0", geboren="").status_code == 302
assert '&lt;b&gt;' in post(vorname="<b>", post="x").text and "<b>" not in post(vorname="<b>", post="x").text
assert len(client.get("/verein/mitglieder/").json) == 3
print("ok")
