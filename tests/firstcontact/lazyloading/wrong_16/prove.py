import sys

from radio.proxy import LazyView

v = LazyView("radio.archive.show")
assert "radio.archive" not in sys.modules        # making one is harmless
from app import app

assert "radio.archive" in sys.modules            # add_url_rule asked for view_func.methods
assert "radio.programme" in sys.modules
assert app.test_client().get("/day/3").json["programme"] == "Opera"
