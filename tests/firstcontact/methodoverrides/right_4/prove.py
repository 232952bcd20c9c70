import app as module

client = module.create_app().test_client()


def send(header=None, **data):
    return client.post("/shelf", data=data, headers={"X-HTTP-Method-Override": header} if header else {}).text


assert send(title="ä") == "POST ä\n" and send("put", title="ä") == "PUT ä\n"
assert send(title="ä&b", _method="patch") == "PATCH ä&b\n"
assert send("DELETE", title="ä") == send(title="ä", _method="DELETE") == "DELETE -\n"
assert send("PUT", title="x", _method="DELETE") == "PUT x\n"
assert send("TRACE", title="x") == send(title="x", _method="TRACE") == "POST x\n"
assert send(title="x" * 20_000).startswith("POST xxx") and send(title="ä" * 3000).startswith("POST äää")
assert client.get("/shelf", headers={"X-HTTP-Method-Override": "DELETE"}).text == "GET -\n"
assert client.post("/shelf", data=b"\xff\xfe=%zz&_method=%ff", content_type="application/x-www-form-urlencoded").text == "POST -\n"
multi = client.post("/shelf", data={"title": "t", "_method": "PUT"}, content_type="multipart/form-data")
assert multi.text == "POST t\n"
print("ok")
