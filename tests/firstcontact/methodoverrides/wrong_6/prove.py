import app as module

app = module.create_app()
client = app.test_client()


def override(method, **options):
    return client.post("/things/3", headers={"X-HTTP-Method-Override": method}, **options)


assert override("DELETE", data={"a": "b"}).json["size"] == 0
answer = override("delete", data=b"12345", content_type="text/plain").json
assert answer["method"] == "DELETE" and answer["size"] == 5
print(answer)
