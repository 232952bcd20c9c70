import app as module

app = module.create_app()
client = app.test_client()


def log_in(client, name="ada", password="lovelace", **more):
    return client.post("/login", data={"name": name, "password": password, **more})


import cachelib.simple

now = 1e9
cachelib.simple.time = lambda: now
first = client.get("/news").text
for _ in range(10):
    now += 50
    assert client.get("/news").text == first
print("after", 500, "seconds with timeout=60 still", first)
