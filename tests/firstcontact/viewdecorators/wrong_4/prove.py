import app as module

app = module.create_app()
client = app.test_client()


def log_in(client, name="ada", password="lovelace", **more):
    return client.post("/login", data={"name": name, "password": password, **more})


app.logger.disabled = True
answer = client.get("/about/team/")
assert answer.status_code == 500
with app.test_request_context("/about/team/"):
    print("endpoint", module.request.endpoint)
    try:
        app.preprocess_request()
        app.dispatch_request()
    except Exception as error:
        print("looks for", error)
