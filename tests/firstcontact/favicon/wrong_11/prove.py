from app import create_app
c = create_app().test_client()
assert 'href="/assets/favicon.ico"' in c.get("/shows/hamlet/tickets").text
assert c.get("/assets/favicon.ico").status_code == 200
r = c.get("/favicon.ico")
assert r.status_code == 308 and r.location.endswith("/static/favicon.ico"), r.location
assert c.get("/static/favicon.ico").status_code == 404
print("proved: /favicon.ico redirects to a 404")
