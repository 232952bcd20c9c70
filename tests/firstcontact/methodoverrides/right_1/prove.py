import io

import app as module

client = module.create_app().test_client()


def send(method, header, data=b"hallo"):
    return client.open("/dokument", method=method, headers={"X-Method-Override": header}, data=data)


for m in ("PUT", "patch", " Post "):
    assert send("POST", m).json == {"methode": m.strip().upper(), "text": "hallo"}
assert send("POST", "delete").json == {"methode": "DELETE", "text": ""}
assert send("POST", "get").json == {"methode": "GET"}
for value in ("TRACE", "", "FOO", "PUT, PATCH"):
    assert send("POST", value).json["methode"] == "POST"
assert client.get("/dokument", headers={"X-Method-Override": "DELETE"}).json == {"methode": "GET"}
assert send("PUT", "DELETE").json["methode"] == "PUT"
chunked = client.post("/dokument", headers={"X-Method-Override": "DELETE", "Transfer-Encoding": "chunked"},
                      input_stream=io.BytesIO(b"x"), environ_overrides={"wsgi.input_terminated": True})
assert chunked.json["text"] == ""
print("ok")
