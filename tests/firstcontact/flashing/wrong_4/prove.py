from app import app
c = app.test_client()
r = c.post("/login", data={"name": "magnus", "password": "no"})
assert "Illegal move" not in r.text
assert "Illegal move" in c.get("/").text
print("the response to a failed login does not show the error; the next page does")
