import io, tempfile
from app import app
app.config["PHOTOS"] = tempfile.mkdtemp(); app.logger.disabled = True
c = app.test_client()
print("no file chosen:", c.post("/add", data={"photo": (io.BytesIO(b""), "")}).status_code)
body = '--B\r\nContent-Disposition: form-data; name="photo"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--B--\r\n'
r = c.post("/add", data=body, content_type="multipart/form-data; boundary=B")
print("as a browser sends it:", r.status_code)
assert r.status_code == 500
assert c.post("/add", data={"photo": (io.BytesIO(b"x"), "photo")}).status_code == 500
