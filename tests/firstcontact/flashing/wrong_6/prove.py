from app import create_app
c = create_app().test_client()
r = c.post("/login", data={"nr": "4711", "pin": "0815"}, follow_redirects=True)
assert "is yours" not in r.text
assert "is yours" not in c.get("/login").text
print("a message of the default category is shown nowhere and is lost")
