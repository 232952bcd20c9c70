from app import create_app
app = create_app()
c = app.test_client()
assert "Bus und Bahn" in c.get("/de/transit").text
page = c.get("/en/transit").text
assert "Bus und Bahn" in page and 'href="/de/transit"' in page
assert "Public transport" in app.test_client().get("/en/transit").text
