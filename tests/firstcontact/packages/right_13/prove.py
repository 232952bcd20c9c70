from app import app
from building import build, run

site, log = build("setuptools.build_meta")
assert site, log
r = run("from kiosk import app; c = app.test_client()\n"
        "print([c.get(p).status_code for p in ('/', '/papers', '/static/kiosk.js', '/assets/kiosk.js', '/api/v2/papers', '/api/v2/papers/le-monde', '/api/v2/papers/x')])", site)
assert r.stdout.strip() == "[200, 200, 404, 200, 200, 203, 404]", r
assert "El País" in app.test_client().get("/papers").text
print("proved")
