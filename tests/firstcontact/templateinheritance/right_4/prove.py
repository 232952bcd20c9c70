from app import create_app
c = create_app().test_client()
t = c.get("/2023").text
assert "Ask &amp; Embla" in t and "screen.css" in t and "<title>Season 2023 · FC" in t and t.startswith("<!doctype")
t = c.get("/2023/print").text
assert "paper.css" in t and "screen.css" not in t and "Season 2023, to print" in t and "Huginn" in t
assert c.get("/").text.startswith("<!doctype")
r = c.get("/1999"); assert r.status_code == 404 and "screen.css" in r.text
print("ok")
