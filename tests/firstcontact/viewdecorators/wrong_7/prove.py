import app as module

app = module.create_app()
client = app.test_client()


def log_in(client, name="ada", password="lovelace", **more):
    return client.post("/login", data={"name": name, "password": password, **more})


log_in(client)
answer = client.get("/summary")
assert answer.cache_control.public and answer.cache_control.max_age == 60 and "ada" in answer.text
print(answer.headers["Cache-Control"], answer.text)
