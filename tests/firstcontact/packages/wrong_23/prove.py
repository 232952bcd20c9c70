from app import app
from building import PROJECT

c = app.test_client()
for path in ("/", "/visit", "/show/clay"):
    assert c.get(path).status_code == 200, path
assert 'href="/static/gallery.css"' in c.get("/").text
assert c.get("/static/gallery.css").status_code == 404
assert (PROJECT / "gallery/static/gallery.css").exists()
assert app.import_name == "gallery.core.application" and app.root_path.endswith("core")
print("proved")
