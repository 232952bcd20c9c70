import app as module

app = module.create_app()
client = app.test_client()


def override(method, **options):
    return client.post("/things/3", headers={"X-HTTP-Method-Override": method}, **options)


assert override("PUT", data={"a": "b"}).json["form"] == {"a": "b"}
answer = client.post("/things/3", data={"a": "b"})
print("a plain POST of a=b arrives as", answer.status, answer.get_json(silent=True))
assert answer.status_code == 400 or answer.json["form"] == {}
