import io, os, tempfile

from app import app

outside = tempfile.mkdtemp()
app.config["UPLOAD_FOLDER"] = folder = os.path.join(outside, "a", "uploads")
os.makedirs(folder)
c = app.test_client()


def up(name, data=b"x"):
    return c.post("/share", data={"file": (io.BytesIO(data), name)})


r = up("Übersicht März.pdf", b"yes")
assert r.status_code == 303 and c.get(r.location).data == b"yes"
up("../../plain.txt")
assert os.path.exists(os.path.join(folder, "plain.txt"))            # the simple attack fails
up("....//....//nested.txt")
assert os.path.exists(os.path.join(outside, "nested.txt"))          # the next one does not
target = os.path.join(outside, "absolute.txt")
up(target)
assert os.path.exists(target)
