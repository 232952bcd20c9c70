from app import create_app
c = create_app().test_client()
assert 'href="/plants/lyon/safety"' in c.get("/plants/lyon/shifts").text
page = c.get("/plants/graz/shifts").text
assert "Werk Graz" in page
assert 'href="/plants/lyon/safety"' in page and "/plants/graz/" not in page
