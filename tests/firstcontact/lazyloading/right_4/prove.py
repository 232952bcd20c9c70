import sys

import app as module

app = module.create_app()
client = app.test_client()
assert "aviary" not in sys.modules and sorted(app.view_functions) == ["Bird", "Birds", "feed", "static"]
assert client.post("/birds", data={"name": "x"}).status_code == 201 and "aviary.bird" not in sys.modules
assert client.get("/birds").json["size"] == 20
assert client.delete("/birds/robin").status_code == 204 and client.get("/birds/robin").json == {"name": "robin"}
assert client.patch("/birds").status_code == 405
assert client.head("/feed").mimetype == "application/atom+xml" and "Atom" in client.get("/feed").text
view = module.lazy("aviary.bird.Bird")
assert (view.__module__, view.__name__) == ("aviary.bird", "Bird")
print("ok")
