from app import app
from flask import url_for
c = app.test_client()
page = c.get("/en/basket").text
assert 'hreflang="es" href="/en/basket"' in page, page
with app.test_request_context("/en/basket"):
    app.preprocess_request()
    assert url_for("basket", lang_code="it") == "/en/basket"
assert 'hreflang="es" href="/es/"' in c.get("/imprint").text
