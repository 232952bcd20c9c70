from app import create_app
c = create_app().test_client()
r = c.post("/v1/seeds", json={"title": "Ñ", "grams": 1.5})
assert r.status_code == 201 and c.get(r.location).json["title"] == "Ñ"
for bad in ("[]", "null", '{"title": 1, "grams": 1}', '{"title": "x", "grams": true}', "{"):
    assert c.post("/v1/seeds", data=bad, content_type="application/json").status_code == 400, bad
assert c.post("/v1/seeds", data="{}").status_code == 415
assert c.get("/v1/seeds/s9").status_code == 404
t = c.get("/?label=</script>\"'").text
assert t.count("</script>") == 1
print("ok")
