from app import app
a, b = app.test_client(), app.test_client()
a.post("/mail", data={"text": "my secret"}, follow_redirects=True)
assert "my secret" in b.get("/").text and "my secret" in a.get("/").text
print("another visitor reads the message of the first, again and again")
