from app import app

client = app.test_client()
page = client.get("/docs/configure").text
assert "<h1>Configure</h1>" in page and "Questions? Ask us." in page
assert "why the file is where it is" not in page
assert client.get("/docs/x").status_code == 404 and "docs.css" in client.get("/docs/x").text
