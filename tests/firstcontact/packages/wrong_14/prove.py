import metering, metering.api
c = metering.app.test_client()
assert c.get("/").status_code == 200
assert c.get("/api/meters").status_code == 404
assert c.post("/api/meters/attic", json={"value": 93}).status_code == 404
assert metering.api.app is not metering.app
assert metering.api.app.test_client().get("/api/status").status_code == 200
print("proved: the API's views are on a second application that nobody runs")
