import re
from app import create_app
t = create_app().test_client().get("/").text
rels = re.findall(r'<link rel="([^"]+)"', t)
print("link types:", rels)
assert not any("icon" in rel.split() for rel in rels)
