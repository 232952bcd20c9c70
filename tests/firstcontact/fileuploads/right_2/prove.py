import io, os, tempfile
from app import create_app
d = tempfile.mkdtemp()
c = create_app({"FOTOS": d, "WTF_CSRF_ENABLED": False}).test_client()
post = lambda data, name: c.post("/fotos/neu", data={"foto": (io.BytesIO(data), name)})
r = post(b"1", "../../Süßes.JPG"); s = post(b"2", "Süßes.jpg")
assert c.get(r.location).data == b"1" and c.get(s.location).data == b"2"
assert post(b"1", "写真.png").status_code == 303
assert post(b"1", "x.svg").status_code == 422 and post(b"1", "").status_code == 422 and c.post("/fotos/neu").status_code == 422
assert post(b"1", "x.exe").status_code == 422 and len(os.listdir(d)) == 3
print("ok")
