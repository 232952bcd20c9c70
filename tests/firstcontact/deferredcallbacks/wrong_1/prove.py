from app import create_app
app = create_app()
try:
    app.test_client().get("/")
except TypeError as e:
    print("a new visitor's request fails (500 by a server):", e)
else:
    raise SystemExit("no error")
c = app.test_client(); c.set_cookie("user_lang", "de")
assert c.get("/").status_code == 200
print("a new visitor's request fails, a returning one's does not")
