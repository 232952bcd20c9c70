import re
from app import create_app
c = create_app().test_client()
link = re.search(r'<link href="([^"]+)"', c.get("/login").text)[1]
for url in (link, "/favicon.ico"):
    r = c.get(url); assert r.status_code == 200 and r.data[:4] == b"\0\0\1\0" and r.mimetype.startswith("image/"), url; r.close()
assert c.get("/").status_code == 302
c.post("/login", data={"who": "ida", "word": "linnea"})
assert link in c.get("/rules/fire/stairs").text
print("ok")
