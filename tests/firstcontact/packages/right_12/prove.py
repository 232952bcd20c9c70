from app import app
from building import build, run

assert app.import_name == "acme.shop"
site, log = build("flit_core.buildapi")
assert site, log
r = run("from acme.shop import app; c = app.test_client()\n"
        "print([c.get(p).status_code for p in ('/', '/goods.txt', '/goods/anvil', '/static/img/anvil.svg', '/goods/x')])", site)
assert r.stdout.strip() == "[200, 200, 200, 200, 404]", r
assert "120.00" in app.test_client().get("/").text
print("proved")
