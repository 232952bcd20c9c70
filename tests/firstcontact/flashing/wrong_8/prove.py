import os, random, tempfile, warnings
from app import app
warnings.simplefilter("ignore")
app.config["DATABASE"] = os.path.join(tempfile.mkdtemp(), "x.db")
c = app.test_client()
text = "".join(random.choices("abcdefghij klmnopqrstuvwxyz", k=6000))
r = c.post("/letters", data={"text": text})
print("Set-Cookie of", len(r.headers["Set-Cookie"]), "bytes")
assert len(r.headers["Set-Cookie"]) > 4093
