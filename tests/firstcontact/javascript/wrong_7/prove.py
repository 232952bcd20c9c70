from app import create_app
d = create_app().test_client().get("/members/1").json
assert "password" in d
print("the API gives away:", sorted(d))
