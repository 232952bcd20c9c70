from app import app, members

client = app.test_client()
data = {"username": "Ada L", "year": "1915", "password": "analytical", "confirm": "analytical"}
assert client.post("/register", data=data).status_code == 200 and not members
# the terms are "accepted" by the URL of the link that somebody followed:
assert client.post("/register?accept_tos=y", data=data).status_code == 302
assert members == [{"name": "Ada L", "year": 1915}]
