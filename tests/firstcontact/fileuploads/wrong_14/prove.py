import io, tempfile

from app import app

app.config["TICKET_FILES"] = tempfile.mkdtemp()
c = app.test_client()


def up(name):
    r = c.post("/tickets/files", data={"file": (io.BytesIO(b"data"), name)})
    assert r.status_code == 201
    return c.get(r.json["url"])


assert up("error.log").data == b"data"
assert up("screen shot 1.png").status_code == 404
assert up("Grüße.txt").status_code == 404
