from app import create_app
app = create_app()
a, b = app.test_client(), app.test_client()
a.post("/login", data={"user": "ada", "password": "engine"}); a.get("/")
b.post("/login", data={"user": "grace", "password": "cobol"})
t = b.get("/").text
assert "ada" in t and "grace" not in t
print("grace's page greets ada")
