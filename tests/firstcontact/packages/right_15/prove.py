from app import create_app
from building import build, run

app = create_app("test")
assert app.import_name == "zeitung.web"
c = app.test_client()
assert c.get("/bridge.html").status_code == 200 and c.get("/nothing.html").status_code == 404
assert "Budget &lt;passed&gt;" in c.get("/feed.atom").text
site, log = build("setuptools.build_meta")
assert site, log
r = run("from zeitung.web import create_app; c = create_app('test').test_client()\n"
        "print([c.get(p).status_code for p in ('/', '/feed.atom', '/rss', '/static/print.css')])", site)
assert r.stdout.strip() == "[200, 200, 308, 200]", r
print("proved")
