from app import create_app
c = create_app().test_client()
t = c.get("/tasks/1").text
assert "<title>Paint &lt;fence&gt;</title>" in t and "board.css" in t
p = c.get("/tasks/1", headers={"X-Partial": "1"})
assert p.text.startswith("<h1>") and "X-Partial" in p.headers["Vary"]
r = c.get("/tasks/9"); assert r.status_code == 404 and "house meeting" in r.text
print("ok")
