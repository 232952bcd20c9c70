from app import app
c = app.test_client()
c.post("/signals", data={"text": "fög & <rain>", "level": "warning"})
c.get("/current")
t = c.get("/log").text
assert 'class="signal warning">fög &amp; &lt;rain&gt;' in t
assert "fög" not in c.get("/log").text and "fög" not in c.get("/").text
c.post("/signals", data={"text": "one", "level": "error"}); c.post("/pilot", data={"name": "grace", "password": "knots"})
t = c.get("/blocks").text
assert '<ul id="errors"><li>one</li></ul>' in t and '<ul id="messages"><li>All hands on deck.</li></ul>' in t
print("ok")
