from marina import app
print("before:", app.test_client().get("/bookings").status_code, app.test_client().post("/bookings", data={"berth": "A1"}).status_code)
assert app.test_client().get("/bookings").status_code == 404
rules = {r.rule for r in app.url_map.iter_rules()}
assert "/bookings" not in rules
