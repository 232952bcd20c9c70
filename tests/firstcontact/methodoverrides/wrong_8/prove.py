import app as module

app = module.create_app()
client = app.test_client()


def override(method, **options):
    return client.post("/things/3", headers={"X-HTTP-Method-Override": method}, **options)


from werkzeug.exceptions import BadRequest

try:
    override("FROB")
except BadRequest as error:
    print("out of the WSGI application comes an exception:", error)
else:
    raise AssertionError
