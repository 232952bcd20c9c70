from app import app
r = app.test_client().get("/")
assert r.cache_control.max_age == 31536000
print("Cache-Control of the entry page:", r.headers["Cache-Control"])
