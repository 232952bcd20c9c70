from app import create_app
c = create_app().test_client()
t = c.get("/cy/events").text
assert "Digwyddiadau" in t and 'href="/cy/"' in t and 'hreflang="en" href="/events"' in t and 'href="/ga/events"' in t
assert "Events" in c.get("/events").text and c.get("/en/events").status_code == 308
assert "http://localhost/ga/events" in c.get("/sitemap.txt").text
assert c.get("/fr/events").status_code == 404 and 'href="/"' in c.get("/no").text
print("ok")
