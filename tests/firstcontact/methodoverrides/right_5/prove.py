import app as module

client = module.app.test_client()


def send(method, header, data=b"12345"):
    return client.open("/reise", method=method, headers={"X-HTTP-Method-Override": header}, data=data)


for name, size in (("put", "5"), ("PATCH", "5"), ("Delete", "0"), ("GET", "0"), ("POST", "5"), ("TRÄCE", "5"), ("", "5")):
    answer = send("POST", name)
    expected = name.upper() if name.isascii() and name else "POST"
    assert (answer.text, answer.headers["X-Size"]) == (expected, size), name
head = send("POST", "HEAD")
assert head.status_code == 200 and head.data == b"" and head.headers["Content-Length"] == "0"
assert set(send("POST", "OPTIONS").headers["Allow"].split(", ")) >= {"PUT", "DELETE"}
assert send("GET", "PUT").text == "GET" and send("PATCH", "PUT").text == "PATCH"
assert send("POST", "\u00b5").text == "POST"
print("ok")
