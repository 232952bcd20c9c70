from app import create_app
c = create_app().test_client()
assert "Open daily" in c.get("/en/hours").text
page = c.get("/fr/hours").text
assert "Open daily" in page and 'lang="en"' in page and 'href="/en/hours"' in page
fresh = create_app().test_client()
assert "Ouvert" in fresh.get("/fr/hours").text
