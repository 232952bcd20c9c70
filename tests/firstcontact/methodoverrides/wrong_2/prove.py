import app as module

app = module.create_app()
client = app.test_client()


def override(method, **options):
    return client.post("/things/3", headers={"X-HTTP-Method-Override": method}, **options)


from wsgiref.validate import validator

seen = {}
inner = module.HTTPMethodOverrideMiddleware(lambda environ, start_response: seen.update(environ) or [])
inner({"REQUEST_METHOD": "POST", "HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE", "CONTENT_LENGTH": "3"}, None)
assert seen["CONTENT_LENGTH"] == 0 and type(seen["CONTENT_LENGTH"]) is int
app.logger.disabled = True
answer = override("DELETE", data={"a": "b"})
print("CONTENT_LENGTH", repr(seen["CONTENT_LENGTH"]), "->", answer.status)
assert answer.status_code == 500
