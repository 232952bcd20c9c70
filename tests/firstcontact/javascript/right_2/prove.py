import json, re
from app import app
c = app.test_client()
v = ["</script>", "'\"<!--", "ß\u2028"]
t = c.get("/", query_string={"samples": json.dumps(v)}).text
assert json.loads(re.search(r'id="samples">(.*?)</script>', t, re.S)[1]) == v
assert c.get("/?samples={").status_code == 400
assert c.get("/sensors/x.json").status_code == 404 and c.get("/sensors.json").json[0]["key"] == "north"
print("ok")
