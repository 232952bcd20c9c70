import app as module

app = module.create_app()
client = app.test_client()


def log_in(client, name="ada", password="lovelace", **more):
    return client.post("/login", data={"name": name, "password": password, **more})


answer = client.get("/secret?page=3&order=down")
page = client.get(answer.headers["Location"])
assert "order=down" not in page.text
target = "http://localhost/secret?page=3"
assert f'value="{target}"' in page.text
print(answer.headers["Location"], "->", log_in(client, next=target).headers["Location"])
