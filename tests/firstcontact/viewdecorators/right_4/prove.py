import tempfile

import app as module
import cachelib.file

app = module.create_app({"ANSWERS": tempfile.mkdtemp() + "/a"})
client, other = app.test_client(), app.test_client()


def log_in(client, next="", user="ada", pin="1815"):
    return client.post("/login", data={"user": user, "pin": pin, "next": next})


away = client.get("/vault?a=1&b=2")
assert away.status_code == 307 and "http://localhost/vault?a=1&amp;b=2" in client.get(away.headers["Location"]).text
assert log_in(client, pin="0").status_code == 422
for bad in ("//e", "http:///e", "http://localhost.e/", "http://localhost//e", "http://localhost/\\e", "/\t/e", "javascript:1", "http://localhost/\t/e"):
    assert log_in(client, bad).headers["Location"] == "/", bad
assert log_in(client, "http://localhost/vault?a=1&b=2").headers["Location"] == "/vault?a=1&b=2"
log_in(other, user="alan", pin="1912")
assert client.get("/letters").text.startswith("ada") and other.get("/letters").text.startswith("alan")
assert client.get("/letters").text == client.get("/letters").text
one = client.get("/paper?part=a&part=b")
two = other.get("/paper?part=a&part=b")
assert one.json == two.json and two.headers["X-Issue"] == "daily" and "Set-Cookie" not in two.headers
assert client.get("/paper").json != one.json
again = client.get("/paper?part=a&part=b", headers={"If-None-Match": one.headers["ETag"]})
assert again.status_code == 304 and client.head("/paper?part=a&part=b").headers["Content-Length"] == one.headers["Content-Length"]
assert client.get("/books").text == "<ul><li>&lt;1&gt;<li>2</ul>"
client.get("/logout")
assert client.get("/letters").status_code == client.head("/letters").status_code == 307
restarted = module.create_app({"ANSWERS": app.config["ANSWERS"]})
assert restarted.test_client().get("/paper?part=a&part=b").json == one.json
print("ok")
