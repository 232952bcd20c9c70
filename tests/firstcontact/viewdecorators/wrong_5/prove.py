import app as module

app = module.create_app()
client = app.test_client()


def log_in(client, name="ada", password="lovelace", **more):
    return client.post("/login", data={"name": name, "password": password, **more})


answer = client.head("/secret?page=2")
assert answer.status_code == 200 and client.get("/secret").status_code == 302
calls = []
app = module.create_app()
app.add_url_rule("/x", view_func=module.login_required(module.wraps(module.load_user)(lambda: calls.append(1) or "x")))
app.test_client().head("/x")
assert calls == [1]
print("HEAD without a login:", answer.status, answer.headers["Content-Length"], "and the view runs")
