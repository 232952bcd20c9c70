from app import app
c = app.test_client()
before = c.get("/preferences").json
r = c.patch("/preferences", data='{"volume": 9', content_type="application/json")
assert r.status_code == 200 and r.json == before
assert c.patch("/preferences", data="[]", content_type="application/json").status_code == 200
assert c.patch("/preferences", data="volume=9").status_code == 415
assert c.patch("/preferences", json={"volume": "x"}).status_code == 422
assert c.patch("/preferences", json={"volume": 9}).json["volume"] == 9
print("proved: broken JSON is answered with 200")
