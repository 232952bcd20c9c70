from app import create_app
r = create_app().test_client().post("/subscribe", data={"address": "nobody"})
print(r.status_code, "not an address" in r.text)
assert r.status_code == 400 and "not an address" not in r.text
