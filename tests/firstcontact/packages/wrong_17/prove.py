from app import app

c = app.test_client()
assert c.get("/").status_code == c.get("/books/").status_code == c.get("/static/style.css").status_code == 200
assert 'href="/wishlist"' in c.get("/").text
assert c.get("/wishlist").status_code == 404
assert not [r for r in app.url_map.iter_rules() if "wish" in r.rule]
from building import run
r = run("import bookshop.views.wishlist as w\nassert w.app.test_client().get('/wishlist').status_code == 200")
assert r.returncode == 0, r.stderr
print("proved")
