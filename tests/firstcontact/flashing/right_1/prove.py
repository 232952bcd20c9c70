from app import create_app
c = create_app().test_client()
c.post("/meldungen", data={"sache": "<b>Hüt & Schirm", "art": "warning"})
assert c.get("/stand").json == {"angemeldet": False}
t = c.get("/").text
assert "<strong>Achtung:</strong> &lt;b&gt;Hüt &amp; Schirm" in t
assert "Hüt" not in c.get("/").text
r = c.post("/anmeldung", data={"name": "jörg", "kennwort": "x"})
assert r.status_code == 422 and "Kennwort stimmt nicht" in r.text
assert "Schön, dass du da bist." in c.post("/anmeldung", data={"name": "jörg", "kennwort": "schlüssel"}, follow_redirects=True).text
print("ok")
