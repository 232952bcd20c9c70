import io, os, tempfile

from app import create_app

folder = tempfile.mkdtemp()
c = create_app({"BLOB_STORE": folder}).test_client()


def up(name, data=b"a,b\n"):
    return c.post("/v1/blobs", data={"blob": (io.BytesIO(data), name)})


r = up("../../t.CSV")
assert r.status_code == 201 and c.get(r.json["links"]["self"]).data == b"a,b\n"
assert up("again.csv").status_code == 200 and len(os.listdir(folder)) == 1
for bad in ("a.html", "a.csv.html", "csv", ".csv", "a.csv/", "x.csv/../y"):
    assert up(bad).status_code == 415, bad
assert up("").status_code == 400 and c.post("/v1/blobs").status_code == 400
assert up("e.csv", b"").status_code == 422
assert up("b.csv", b"x" * 2**20).status_code == 413
assert len(os.listdir(folder)) == 1
assert c.get("/v1/blobs/../app.py").status_code == 404
