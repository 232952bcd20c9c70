import app as module

app = module.create_app()
client = app.test_client()
away = client.get("/diario?a=1&b=2")
assert away.status_code == 303
assert "http://localhost/diario?a=1&amp;b=2" in client.get(away.headers["Location"]).text


def log_in(next, word="montoya"):
    return client.post("/cuentas/entrar", data={"usuario": "iñigo", "clave": word, "next": next})


assert log_in("/diario", "x").status_code == 401
for bad in ("//evil.example", "http:///evil.example", "https:evil.example", "javascript:alert(1)", "http://localhost@evil.example/x", "\\\\evil.example", "", "http:/evil.example", "http://localhost//evil.example/"):
    assert log_in(bad).headers["Location"] == "/", bad
assert log_in("/\\evil.example").headers["Location"] == "/"
assert log_in("http://localhost/diario?a=1&b=2").headers["Location"] == "/diario?a=1&b=2"
assert client.get("/diario").text == "El diario de iñigo"
first = client.get("/hora?zona=x").json
assert client.get("/hora?zona=x").json == first != client.get("/hora?zona=y").json
now = module.time.time()
module.time.time = lambda: now + 31
assert client.get("/hora?zona=x").json != first
assert client.get("/resumen").text == client.get("/resumen").text
assert client.get("/cuentas/ayuda").text == "<h1>¿Cómo &lt;entrar&gt;?</h1>"
assert client.post("/cuentas/salir").status_code == 204 and client.get("/resumen").status_code == 303
calls = []


@module.guardado(timeout=5, key="k/{}")
def empty():
    calls.append(1)
    return ""


with app.test_request_context("/"):
    assert (empty(), empty(), len(calls), empty.__name__) == ("", "", 1, "empty")
print("ok")
