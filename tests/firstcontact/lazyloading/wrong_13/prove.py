import pathlib
import sys
import tempfile

from app import LazyView, app

c = app.test_client()
assert "museum.halls" not in sys.modules
assert "Renaissance" in c.get("/halls/2").text

# a module that fails to import, a function that does not exist: no error, a 404
folder = tempfile.mkdtemp()
sys.path.insert(0, folder)
pathlib.Path(folder, "brokenviews.py").write_text("import no_such_library\n\ndef show(): return 'x'\n")
app._got_first_request = False
app.config["PROPAGATE_EXCEPTIONS"] = True
app.add_url_rule("/broken", view_func=LazyView("brokenviews.show"))
app.add_url_rule("/typo", view_func=LazyView("museum.visit.tikets"))
assert c.get("/broken").status_code == 404
assert c.get("/typo").status_code == 404
