import glob, io, os, tempfile
from app import create_app
top = tempfile.mkdtemp()
app = create_app({"UPLOAD_FOLDER": os.path.join(top, "scans")})
app.test_client().post("/", data={"scan": (io.BytesIO(b"pwned"), "../outside.txt")})
assert glob.glob(os.path.join(top, "outside-*.txt"))
print("a file named ../outside.txt lies outside the upload folder")
