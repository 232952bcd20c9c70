import app as module

app = module.create_app()
client = app.test_client()


def log_in(client, name="ada", password="lovelace", **more):
    return client.post("/login", data={"name": name, "password": password, **more})


log_in(client)
assert "ada" in client.get("/").text
client.get("/news")
stranger = app.test_client()
got = stranger.get("/news").headers.getlist("Set-Cookie")
assert got
print("a stranger gets", got)
assert "ada" in stranger.get("/").text
print("and is", stranger.get("/").text)
