from app import create_app
c = create_app().test_client()
assert "¥1600" in c.get("/market", headers={"X-Currency": "JPY"}).text
c.post("/currency", data={"currency": "GBP"})
assert "£9" in c.get("/market", headers={"X-Currency": "JPY"}).text
assert c.post("/currency", data={"currency": "XX"}).status_code == 400
r = create_app().test_client().post("/currency", data={"currency": "JPY"})
assert r.headers.getlist("Set-Cookie")[0].startswith("currency=JPY") and len(r.headers.getlist("Set-Cookie")) == 1
print("ok")
