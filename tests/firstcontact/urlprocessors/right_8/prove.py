from app import app
c = app.test_client()
d = c.get("/api/v1/2023/table").json
assert d["season"] == 2023 and d["_links"]["self"]["href"] == "/api/v1/2023/table"
assert d["clubs"][0]["href"] == "/api/v1/2023/clubs/feyenoord"
assert d["others"] == ["/api/v1/2022/table", "/api/v1/2024/table"]
assert c.get("/api/v1/1901/table").status_code == 404
assert c.get("/api/v1/x/table").status_code == 404
assert c.get("/api/v1/clock").json["latest"] == "/api/v1/2024/table"
assert c.get("/api/v1/2024/clubs/psv").json["table"] == "/api/v1/2024/table"
