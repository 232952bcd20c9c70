import app as module

app = module.create_app()
client = app.test_client()


def override(method, **options):
    return client.post("/things/3", headers={"X-HTTP-Method-Override": method}, **options)


assert override("PUT").json["method"] == "PUT"
second = module.create_app()
second.add_url_rule("/second", view_func=lambda: "the second app")
answer = client.get("/second")
assert answer.text == "the second app"
print("the first app answers like", answer.text)
