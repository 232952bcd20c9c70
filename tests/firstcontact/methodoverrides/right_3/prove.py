import app as module

client = module.create_app().test_client()


def send(method, header):
    return client.open("/entity", method=method, headers={"X-HTTP-Method": header}, json={"a": "é"})


assert send("POST", "Patch").json == {"method": "PATCH", "tunnelled": True, "json": {"a": "é"}}
assert send("POST", "DELETE").json == {"method": "DELETE", "tunnelled": True, "json": None}
for header in ("GET", "TRACE", ""):
    assert send("POST", header).json["method"] == "POST"
assert send("GET", "DELETE").json["method"] == "GET" and send("PUT", "DELETE").json["method"] == "PUT"
print("ok")
