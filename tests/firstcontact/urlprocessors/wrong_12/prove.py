from app import app
c = app.test_client()
assert 'href="/static/site.css?lang_code=pl"' in c.get("/help/pl/").text
assert 'href="/contact?lang_code=en"' in c.get("/help/en/login").text
assert c.get("/contact").status_code == 200
assert 'href="/help/pl/login"' in c.get("/help/pl/").text
