from app import create_app

client = create_app().test_client()
assert "Grace Hopper" in client.get("/staff/1/edit").text
response = client.post("/staff/1/edit", data={"name": "x", "email": "nonsense", "office": "ber"})
assert response.status_code == 200 and "Invalid email address" in response.text
assert "nonsense" in client.get("/staff/").text and "Grace" not in client.get("/staff/").text
assert client.post("/staff/new", data={"name": "x", "email": "foo", "office": "ber"}).status_code == 200
assert "foo" not in client.get("/staff/").text
