import app as module

app = module.create_app()
client, other = app.test_client(), app.test_client()


def log_in(client, next="", who="ada", word="love"):
    return client.post("/login", data={"who": who, "pass": word, "next": next})


away = client.delete("/orders/ü?x=1&y=%26")
assert away.status_code == 302 and client.head("/orders/x").status_code == 302
import html, re
page = client.get(away.headers["Location"]).text
target = html.unescape(re.search('name=next value="([^"]*)"', page)[1])
assert log_in(client, target).headers["Location"] == "/orders/%C3%BC?x=1&y=%26", (target, log_in(client, target).headers["Location"])
for bad in ("//e", "http:///e", "https:e", "javascript:1", "/\\e", "/\t/e", "http://localhost.e/", "http://localhost//e", "", "/none"):
    assert log_in(client, bad).headers["Location"] == "/shop", bad
assert log_in(other, word="x").status_code == 401
log_in(other, who="joan", word="clarke")
assert client.get("/purse").json == client.get("/purse").json and client.get("/purse").json[0] == "ada" and other.get("/purse").json[0] == "joan"
assert client.get("/orders/a").json == {"name": "a", "of": "ada"}
text = client.get("/board?page=1").text
answer = app.test_client().get("/board?page=1")
assert answer.text == text != client.get("/board?page=2").text and "Set-Cookie" not in answer.headers
assert client.head("/board?page=1").headers["Content-Length"] == str(len(text))
now = module.time.monotonic()
module.time.monotonic = lambda: now + 21
assert client.get("/board?page=1").text != text
assert client.get("/shop").text == "<p>tea &amp; milk, cake"
assert app.view_functions["orders"].__name__ == "orders" and app.view_functions["shop"].__name__ == "shop"
client.get("/logout")
assert client.get("/purse").status_code == 302
print("ok")
