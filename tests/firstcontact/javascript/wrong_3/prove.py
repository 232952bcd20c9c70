from app import create_app
c = create_app().test_client()
r = c.put("/halls/blue", data='{"film": "X", "seats": 1}', content_type="text/plain")
assert r.status_code == 200 and c.get("/halls/blue").json["film"] == "X"
print("text/plain accepted as JSON:", r.status)
