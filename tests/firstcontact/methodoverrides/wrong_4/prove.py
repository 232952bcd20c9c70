import app as module

app = module.create_app()
client = app.test_client()


def override(method, **options):
    return client.post("/things/3", headers={"X-HTTP-Method-Override": method}, **options)


answer = client.options("/things/3", headers={"X-HTTP-Method-Override": "DELETE"})
assert answer.json["method"] == "DELETE"
print("OPTIONS with the header:", answer.json)
assert client.get("/things/3", headers={"X-HTTP-Method-Override": "DELETE"}).json == {"thing": 3}
assert client.put("/things/3", headers={"X-HTTP-Method-Override": "DELETE"}).json["method"] == "DELETE"
head = client.head("/things/3", headers={"X-HTTP-Method-Override": "PUT"})
get = client.get("/things/3")
assert head.headers["Content-Length"] != get.headers["Content-Length"]
