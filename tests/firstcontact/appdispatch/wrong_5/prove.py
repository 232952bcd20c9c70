from werkzeug.test import Client
from app import application, app
assert app.test_client().get("/contact").status_code == 200
r = Client(application).get("/contact", follow_redirects=True)
assert "mail" not in r.text
print("/contact of the default app, dispatched:", r.request.url, r.status, r.text)
