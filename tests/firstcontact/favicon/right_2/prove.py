import re
from app import create_app
c = create_app().test_client()
for p in ("/", "/plantes/pavot", "/plantes/bleuet/imprimer"):
    links = re.findall(r'<link rel="[^"]*icon"[^>]*href="([^"]+)"', c.get(p).text)
    assert len(links) == 3
    for link in links:
        r = c.get(link); assert r.status_code == 200 and r.mimetype.startswith("image/"), link; r.close()
r = c.get("/favicon.ico"); assert r.data[:4] == b"\0\0\1\0" and r.mimetype in ("image/vnd.microsoft.icon", "image/x-icon"); r.close()
print("ok")
