from app import create_app
c = create_app({"WTF_CSRF_ENABLED": False}).test_client()
r = c.post("/login", data={"band": "Motörhum", "password": "x"})
assert "Feedback!" in r.text and "Feedback!" not in c.get("/").text
r = c.post("/login", data={"band": "Motörhum", "password": "ace"}, follow_redirects=True)
assert "Plug in" in r.text
c.post("/", data={"note": "<b>", "kind": "error"}); c.post("/", data={"note": "two", "kind": "warning"})
t = c.get("/login").text
assert 'data-category="error" role="status">&lt;b&gt;' in t and "two" in t
assert c.post("/", data={"note": "x", "kind": "\"><script>"}).status_code == 400
print("ok")
