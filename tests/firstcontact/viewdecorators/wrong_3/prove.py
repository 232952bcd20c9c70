import app as module

app = module.create_app()
client = app.test_client()


def log_in(client, name="ada", password="lovelace", **more):
    return client.post("/login", data={"name": name, "password": password, **more})


app = module.create_app()
app.jinja_loader.mapping["empty.html"] = "the template"
app.add_url_rule("/empty", view_func=module.templated("empty.html")(lambda: ""), endpoint="empty")
app.add_url_rule("/nothing", view_func=module.templated("empty.html")(lambda: []), endpoint="nothing")
text = [app.test_client().get(path).text for path in ("/empty", "/nothing")]
assert text == ["the template"] * 2
print("a view that returns an empty string, or list:", text)
