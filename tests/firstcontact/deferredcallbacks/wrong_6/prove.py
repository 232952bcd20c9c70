from app import create_app
c = create_app().test_client
assert "Set-Cookie" in c().get("/").headers and "Set-Cookie" not in c().get("/tickets/9").headers
print("404: no cookie")
