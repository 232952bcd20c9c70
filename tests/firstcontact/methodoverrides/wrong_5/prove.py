import app as module

app = module.create_app()
client = app.test_client()


def override(method, **options):
    return client.post("/things/3", headers={"X-HTTP-Method-Override": method}, **options)


answer = override("DELETE", data=b"12345", content_type="text/plain")
assert answer.status_code == 400
print("DELETE with a body:", answer.status)
assert override("DELETE").json["method"] == "DELETE"
