from app import create_app

client = create_app({"WTF_CSRF_ENABLED": False}).test_client()
data = {"card": "Ada Lovelace", "password": "analytical engine", "branches": ["n", "c"]}
assert client.post("/accounts/new", data={**data, "confirm": "other"}).status_code == 200
assert not client.get("/accounts/").json["accounts"]
assert client.post("/accounts/new", data={**data, "confirm": ""}).status_code == 302  # not repeated
assert client.get("/accounts/").json["accounts"]
assert client.post("/accounts/new", data={**data, "confirm": data["password"]}).status_code == 200
