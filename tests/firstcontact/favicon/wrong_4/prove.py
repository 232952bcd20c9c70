from app import create_app
r = create_app().test_client().get("/favicon.ico")
print(r.status_code, r.content_type, r.data[:4])
assert r.mimetype == "text/html"
