import sys

import app as module

app = module.create_app()
client = app.test_client()
assert not any(name.startswith("parts") for name in sys.modules)
answer = client.options("/archive/1/x")
assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "DELETE"}, answer.headers
assert "/archive/1999" in client.get("/").text and "parts.archive" not in sys.modules
assert client.delete("/archive/1/x").status_code == 204
assert client.get("/archive/1999").text == client.get("/archive/1999").text == "<h1>1999</h1>"
assert client.head("/archive/1999").status_code == 200 and client.post("/").status_code == 405
assert client.get("/static/x").status_code == 404
print("ok")
