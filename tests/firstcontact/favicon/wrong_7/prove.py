from app import create_app
c = create_app().test_client()
r = c.get("/favicon.ico")
print(r.status_code, r.location, "| clay.css:", c.get("/clay.css").status_code)
assert r.status_code == 302 and r.location == "/favicon.ico"
