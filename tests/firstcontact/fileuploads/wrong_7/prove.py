import io, tempfile
from app import app
app.config["CV_FOLDER"] = tempfile.mkdtemp()
c = app.test_client()
first = c.post("/apply", data={"cv": (io.BytesIO(b"one"), "履歴書.pdf")}).location
second = c.post("/apply", data={"cv": (io.BytesIO(b"two"), "Резюме.pdf")}).location
print(first, second, c.get(first).data)
assert first == second == "/cvs/pdf" and c.get(first).data == b"two"
