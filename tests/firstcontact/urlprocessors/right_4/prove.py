from app import app
c = app.test_client()
assert c.get("/sites/north/sensors").json == {"self": "/sites/north/sensors", "up": "/sites", "sensors": {"s1": "/sites/north/sensors/s1", "s2": "/sites/north/sensors/s2"}}
assert c.get("/sites").json["south"] == "/sites/south/sensors"
assert c.get("/sites/west/sensors").status_code == 404 and c.get("/x").status_code == 404
assert c.get("/sites/öst/sensors/s9").json["value"] == 7.7
with app.test_request_context("/sites"):
    from flask import url_for
    assert url_for("static", filename="x") == "/static/x"
print("ok")
