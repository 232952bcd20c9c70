import app as module

app = module.create_app()
client = app.test_client()


def log_in(client, name="ada", password="lovelace", **more):
    return client.post("/login", data={"name": name, "password": password, **more})


assert log_in(client, next="//evil.example/").headers["Location"] == "/"
assert log_in(client, next="https://evil.example/").headers["Location"] == "/"
for target in ("http:///evil.example/", "https:evil.example/", "javascript:alert(1)"):
    location = log_in(client, next=target).headers["Location"]
    assert not location.startswith("/"), location
    print(target, "->", location)
