from app import create_app
app = create_app()
assert "visitor" in app.test_client().get("/").headers["Set-Cookie"]
r = app.test_client().get("/songs/x")
assert r.status_code == 404 and "Set-Cookie" not in r.headers
print("404 without a cookie")
