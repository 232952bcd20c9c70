from app import create_app
c = create_app().test_client()
r = c.get("/?q=<b>", headers={"Accept-Language": "fr, pt-PT;q=0.5, es;q=0.4"})
assert "lingua=pt-PT" in r.headers["Set-Cookie"] and "autocarro" in r.text and "&lt;b&gt;" in r.text
assert c.get("/linhas.txt", headers={"Accept-Language": "es"}).text.startswith("0 pt-PT")
print("ok")
