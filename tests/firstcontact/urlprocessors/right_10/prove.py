from app import app
c = app.test_client()
assert 'href="/uk/recipes/borsch">Борщ' in c.get("/uk/recipes").text
assert 'href="/eu/recipes/borsch">Borscha' in c.get("/eu/recipes").text
assert 'href="/uk/recipes/borsch">Борщ' in c.get("/uk/recipes").text
r = c.get("/CA/recipes/borsch"); assert r.status_code == 308 and r.location == "/ca/recipes/borsch"
assert c.get("/xx/recipes").status_code == 404 and c.get("/no/such/page/here").status_code == 404
assert 'href="/uk/recipes"' in c.get("/about").text
c.get("/eu/recipes")
assert 'href="/eu/recipes"' in c.get("/about").text
assert 'href="/uk/recipes"' in app.test_client().get("/about").text
