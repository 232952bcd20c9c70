from app import create_app
c = create_app().test_client()
assert c.delete("/pins/Piano for sale").status_code == 401
r = c.post("/pins/Piano for sale", headers={"X-HTTP-Method-Override": "DELETE"})
assert r.status_code == 204 and c.get("/pins").json == []
print("DELETE: 401; POST with the override, not logged in:", r.status)
