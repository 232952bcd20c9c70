import app as module

client = module.create_app().test_client()


def send(method, header):
    return client.open("/v1/notes/1", method=method, headers={"X-HTTP-Method-Override": header}, data={"text": "ü"})


assert send("POST", "put").json == {"number": 1, "method": "PUT", "text": "ü"}
assert send("POST", "PATCH").json["method"] == "PATCH"
assert send("POST", "DELETE").status_code == 204
assert send("POST", "").status_code == send("POST", "POST").status_code == 202
for header in ("GET", "TRACE", "FOO", "PUT,PATCH"):
    assert send("POST", header).status_code == 400, header
assert send("GET", "DELETE").status_code == 405 and send("HEAD", "DELETE").status_code == 405
assert send("PUT", "FOO").json["method"] == "PUT"
print("ok")
