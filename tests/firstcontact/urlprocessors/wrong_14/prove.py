from app import app
c = app.test_client()
assert 'href="/ja/busan"' in c.get("/ja/busan").text
data = c.get("/archive").json
assert data["home"] == "/archive/", data
