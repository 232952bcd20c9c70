import io, tempfile
from app import app
app.config["UPLOAD_FOLDER"] = tempfile.mkdtemp()
c = app.test_client()
url = c.post("/recipes", data={"recipe": (io.BytesIO(b"Anna's"), "soup.txt")}).location
c.post("/recipes", data={"recipe": (io.BytesIO(b"Bert's"), "soup.txt")})
assert c.get(url).data == b"Bert's"
print("Anna's link now gives Bert's file")
