import re
import tempfile

import app as module

app = module.create_app({"BOOKINGS": tempfile.mkdtemp() + "/b"})
client = app.test_client()
valid = {"room": "Blue", "hour": "09:30", "why": "Über alles", "public": "y", "kind": "meeting"}
assert client.get("/rooms/book").status_code == 401 == client.post("/rooms/book", data=valid).status_code
client.post("/rooms/key", data={"pin": "0000"})
token = re.search('name="csrf_token"[^>]*value="([^"]+)"', client.get("/rooms/book").text)[1]


def post(**changes):
    return client.post("/rooms/book", data={"csrf_token": token, **valid, **changes})


def count():
    with app.app_context():
        return len(module.records())


assert post().status_code == 303 and count() == 1
assert "Taken" in post().text and count() == 1
assert post(hour="10:30").status_code == 303 == post(room="mark111Blue").status_code
for bad in ({"room": "x"}, {"hour": "25:00"}, {"hour": ""}, {"kind": "x"}, {"csrf_token": ""}, {"why": "x" * 301}):
    r = post(**{"room": "Red", **bad})
    assert r.status_code in (400, 409) and count() == 3 and "<b>" in r.text, bad
other = app.test_client()
other.post("/rooms/key", data={"pin": "0000"})
assert other.post("/rooms/book", data={"csrf_token": token, **valid, "room": "Green"}).status_code == 400
assert post(room="Green", why="", public="").status_code == 303
with app.app_context():
    assert module.records()[-1]["public"] is False
print("ok")
