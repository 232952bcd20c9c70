import io, os, tempfile
from app import create_app
d = tempfile.mkdtemp()
c = create_app({"FACTURAS": d}).test_client()
post = lambda data, name: c.post("/facturas/", data={"factura": (io.BytesIO(data), name)})
r = post("añ".encode(), "..\\..\\Año.PDF")
assert r.status_code == 303 and c.get(r.location).data == "añ".encode()
assert post(b"1", "請求.pdf").location != post(b"1", "請求.pdf").location
assert post(b"1", "x.html").status_code == 415 and post(b"1", "x").status_code == 415
assert post(b"", "").status_code == 400 and c.post("/facturas/").status_code == 400
assert post(b"x" * 2_600_000, "x.pdf").status_code == 413 and len(os.listdir(d)) == 3
assert "avance" not in c.get("/facturas/").text and "upload.addEventListener" in c.get("/static/subida.js").text
print("ok")
