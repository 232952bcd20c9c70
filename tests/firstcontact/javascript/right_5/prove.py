import tempfile
from app import create_app
with tempfile.TemporaryDirectory() as d:
    c = create_app({"LAUNDRY_DB": d + "/l.db"}).test_client()
    assert c.put("/machines/a", json={"who": "</script>é", "minutes": 5}).status_code == 204
    assert c.get("/machines/a").json["who"] == "</script>é"
    assert c.get("/").text.count("</script>") == 1
    assert c.put("/machines/a", json={"who": "\ud800", "minutes": 5}).status_code == 400
    assert c.put("/machines/zz", json={"who": "x", "minutes": 5}).status_code == 404
    assert "&lt;" in c.post("/notes", data={"text": "<"}).text
    t = c.get("/", environ_overrides={"SCRIPT_NAME": "/haus"}).text
    assert 'ROOT = "/haus"' in t, t
print("ok")
