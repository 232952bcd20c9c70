from app import create_app

client = create_app().test_client()
data = {"password": "analytical engine", "again": "analytical engine"}
assert client.post("/signup", data={"name": "Ada", **data}).status_code == 303
assert client.post("/signup", data={"name": "Ada", **data}).status_code == 422
assert client.post("/signup", data={"name": "Ada ", **data}).status_code == 500  # UNIQUE failed
assert client.post("/signup", data={"name": "x    ", **data}).status_code == 303  # stored as "x"
assert "<li>x</li>" in client.get("/players").text
