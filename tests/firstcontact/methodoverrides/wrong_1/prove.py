import app as module

app = module.create_app()
client = app.test_client()


def override(method, **options):
    return client.post("/things/3", headers={"X-HTTP-Method-Override": method}, **options)


assert override("PATCH").json["method"] == "PATCH" and override("TRACE").json["method"] == "POST"
seen = []
inner = module.HTTPMethodOverrideMiddleware(lambda environ, start_response: seen.append(environ["REQUEST_METHOD"]) or [])
for value in ["ATCH", "E", ",", "PUT, PATCH", "GET, HEAD, POST"]:
    inner({"REQUEST_METHOD": "POST", "HTTP_X_HTTP_METHOD_OVERRIDE": value}, None)
assert seen == ["ATCH", "E", ",", "PUT, PATCH", "GET, HEAD, POST"]
print("methods that were let through:", seen)
