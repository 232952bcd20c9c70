import sys

import app as module

app = module.create_app()
client = app.test_client()
assert "pieces" not in sys.modules
assert client.get("/api/").json == {"endpoint": "api.index"}
assert "pieces.private" not in sys.modules
first = client.get("/v2/admin/")
assert first.json == {"endpoint": "v2.admin.index"} and first.headers["Cache-Control"] == "no-store"
assert client.get("/api/admin/").json == {"endpoint": "api.admin.index"}
view = module.Deferred("pieces.public.echo")
assert (view.__module__, view.__name__, callable(view)) == ("pieces.public", "echo", True)
with app.test_request_context():
    assert view(word="self") == view("self") == {"word": "self"}
print("ok")
