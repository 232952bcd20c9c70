import app as module

app = module.create_app()
client, other = app.test_client(), app.test_client()
away = client.get("/akte/7?blatt=1&b=ü")
assert away.status_code == 302 and client.head("/akte/7").status_code == 302
form = client.get(away.headers["Location"])
target = "/akte/7?blatt=1&amp;b=ü"
assert target in form.text, form.text


def log_in(client, next="", name="ada", word="lovelace"):
    return client.post("/anmelden", data={"name": name, "kennwort": word, "next": next})


assert log_in(client, word="x").status_code == 403 and log_in(client, name="eve", word="").status_code == 403
for bad in ("//evil.example", "http:///evil.example", "https:evil.example", "javascript:alert(1)", "/\\evil", "/\t/evil.example",
            "http://localhost@evil.example/", "http://localhost.evil.example/", "/nowhere", "http://localhost//evil.example"):
    assert log_in(client, bad).headers["Location"] == "/", bad
assert log_in(client, target.replace("&amp;", "&")).headers["Location"] == "/akte/7?blatt=1&b=%C3%BC"
assert log_in(client, "http://localhost/konto").headers["Location"] == "/konto"
assert client.get("/akte/7").status_code == 200 and other.get("/konto").status_code == 302
mine = client.get("/konto").text
assert client.get("/konto").text == mine
log_in(other, name="bob", word="builder")
assert "bob" in other.get("/konto").text
assert client.get("/wetter?ort=Wien").json == other.get("/wetter?ort=Wien").json != client.get("/wetter?ort=Graz").json
assert "Set-Cookie" not in app.test_client().get("/wetter?ort=Wien").headers
assert module.create_app().test_client().get("/wetter?ort=Wien").json != client.get("/wetter?ort=Wien").json
assert "Über uns &lt;3" in client.get("/ueber").text
client.post("/abmelden")
assert client.get("/akte/7").status_code == 302
print("ok")
