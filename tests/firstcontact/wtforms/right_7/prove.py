from app import create_app

client = create_app().test_client()
data = {"customer": "Ada", "loaves": "3", "kind": "rye", "day": "2027-01-31"}
assert "<form" in client.get("/").text
assert client.post("/api/orders", data=data).status_code == 201
for wrong in {"loaves": "0"}, {"kind": "x"}, {"day": "31.1."}, {"day": "1999-01-01"}, {"customer": ""}, {"note": "x" * 301}:
    response = client.post("/api/orders", data={**data, **wrong})
    assert response.status_code == 422 and list(response.json["errors"]) == list(wrong), response.json
assert len(client.get("/api/orders").json) == 1
