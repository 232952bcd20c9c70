from app import create_app
c = create_app().test_client()
assert 'href="/reception/keys"' in c.get("/reception/").text
assert c.get("/spa/weather/").text.startswith("Sunny at /spa/weather")
assert c.get("/spa-prices").location == "/spa/towels"
assert c.get("/spax").status_code == 404 and c.get("/reception/none").status_code == 404
print("ok")
