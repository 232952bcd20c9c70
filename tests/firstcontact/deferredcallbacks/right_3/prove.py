from app import create_app, _deferred
app = create_app()
c = app.test_client()
assert "region=coast" in c.get("/programme", headers={"X-Region": "coast"}).headers["Set-Cookie"]
assert c.get("/programme.json", headers={"X-Region": "south"}).json["region"] == "coast"
assert "region=north" in app.test_client().get("/none").headers["Set-Cookie"]
assert len(_deferred) == 0
print("ok")
