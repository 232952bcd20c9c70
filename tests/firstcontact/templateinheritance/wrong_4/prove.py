from app import create_app
t = create_app().test_client().get("/lichens/1").text
assert t.startswith("<!-- A page") and not t.lstrip().lower().startswith("<!doctype")
print("sent before the doctype:", t.split("\n")[0])
