import hashlib
from app import create_app
t = create_app().test_client().post("/deliveries", data={"text": "ten crates"}).text
assert hashlib.sha256(b"text=ten+crates").hexdigest() not in t and hashlib.sha256(b"").hexdigest() in t
print("the checksum is that of an empty body")
