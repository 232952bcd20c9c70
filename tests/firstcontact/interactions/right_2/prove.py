import hashlib, io, tempfile
from app import create_app
with tempfile.TemporaryDirectory() as d:
    app = create_app({"FUNDE": d + "/f"}); c = app.test_client()
    assert c.post("/funde", data={"bild": (io.BytesIO(b"x"), "a.txt")}).status_code == 401
    c.post("/anmelden", data={"name": "jörg", "kennwort": "schirm"})
    l = [c.post("/funde", data={"bild": (io.BytesIO(x), "../a.TXT")}).location for x in (b"1", b"2")]
    assert [c.get(x).data for x in l] == [b"1", b"2"]
    assert "Danke" not in c.get("/").text and "jörg" in c.get("/schreibtisch").text
    assert c.post("/funde", data={"bild": (io.BytesIO(b"x"), "a.html")}).status_code == 400
    body = b"text=%3Cb%3E"
    t = c.post("/quittung", data=body, content_type="application/x-www-form-urlencoded").text
    assert hashlib.sha1(body).hexdigest() in t and "&lt;b&gt;" in t
    c.post("/abmelden"); assert c.get("/schreibtisch").status_code == 401
print("ok")
