import sys
from flask import Flask
from app import create_app
from recipes.lazy import lazy_view

app = create_app()
assert "recipes.pages" not in sys.modules and "recipes.catalogue" not in sys.modules
c = app.test_client()
assert c.get("/").status_code == c.get("/recipes").status_code == c.get("/recipes/borscht").status_code == 200
view = lazy_view("recipes.pages.home")
assert not hasattr(view, "__name__")
try:
    Flask("x").add_url_rule("/", view_func=view)
except AttributeError as e:
    assert "__name__" in str(e)
else:
    raise AssertionError("Flask could name it")
print("proved")
