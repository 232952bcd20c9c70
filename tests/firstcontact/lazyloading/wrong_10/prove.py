import sys

from flask import Flask

from app import app, lazy

assert not [m for m in sys.modules if m.startswith("library")]
assert app.test_client().get("/books/9780679783268").json["title"] == "Emma"

v = lazy("library.members.card")
assert v.__name__ == "view" and v.__module__ == "app"    # neither is the real function's
other = Flask("other")
other.add_url_rule("/m/<int:number>", view_func=lazy("library.members.card"))
assert "card" not in other.view_functions
try:
    other.add_url_rule("/", view_func=lazy("library.pages.home"))
except AssertionError as e:
    assert "overwriting an existing endpoint" in str(e)
else:
    raise SystemExit("expected a clash of endpoints")
