import os
from portal import site
os.chdir("/")
c = site.test_client()
assert [c.get(p).status_code for p in ("/", "/sold-out", "/api/items", "/api/items/2", "/static/shop.css", "/api/items/9", "/x")] == [200] * 5 + [404] * 2
assert "Kettle &lt;steel&gt;" in c.get("/").text and c.get("/api/items/2").json["name"] == "Tøpf"
assert c.get("/api/none").json == {"error": "Not Found"}
print("ok")
