from app import create_app
from flask import url_for
from werkzeug.routing import BuildError
app = create_app()
with app.test_request_context("/versions"):
    app.preprocess_request()
    try:
        url_for("docs.contents")
    except BuildError:
        pass
    else:
        raise AssertionError
assert "Version 1.1" in app.test_client().get("/docs/1.1/").text
with app.test_request_context("/versions"):      # another visitor
    app.preprocess_request()
    assert url_for("docs.contents") == "/docs/1.1/"
# two requests at once
with app.test_request_context("/docs/2.0/"):
    app.preprocess_request()
    app.test_client().get("/docs/1.0/")
    assert url_for("docs.contents") == "/docs/1.0/"
