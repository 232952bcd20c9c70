import os
from app import create_app
c = create_app().test_client()
assert c.get("/").status_code == 200
os.chdir("/")
r = c.get("/")
assert r.status_code == 500
print("started from another directory:", r.status)
