import sys
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("books_app", "app.py"); m = module_from_spec(spec); spec.loader.exec_module(m)
r = m.create_app().test_client().get("/books/1")
assert r.status_code == 404 and "<main>" in r.text
print("/books/1, a page of the client:", r.status)
