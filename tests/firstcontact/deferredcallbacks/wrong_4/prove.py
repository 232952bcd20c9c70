from app import create_app
r = create_app().test_client().get("/", headers={"Accept-Language": "fr, de;q=0.8, en;q=0.1"})
assert "user_lang=en" in r.headers["Set-Cookie"]
print("fr, de;q=0.8, en;q=0.1 ->", r.headers["Set-Cookie"])
