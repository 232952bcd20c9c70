from app import create_app
from building import build, run

c = create_app().test_client()
assert c.get("/").status_code == c.get("/api/garages").status_code == c.get("/static/p.svg").status_code == 200
site, log = build("setuptools.build_meta")
assert site, log
assert (site / "parking/templates/index.html").exists() and (site / "parking/models/garage.py").exists()
assert not (site / "parking/views").exists()
r = run("import parking; parking.create_app()", site)
assert "No module named 'parking.views'" in r.stderr, r.stderr
print("proved")
