from app import create_app
app = create_app()
a, b = app.test_client(), app.test_client()
assert "Welcome on board." in a.post("/staff", data={"user": "marit", "password": "fjord-77"}, follow_redirects=True).text
html = b.get("/").text
assert "Welcome on board." in html
assert "Welcome on board." in a.get("/").text
print("a stranger's page shows the message of somebody else, and it stays for a minute")
