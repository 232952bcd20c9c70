import threading
import time

import app as module

app = module.create_app()
client = app.test_client()
valid = {"username": "anna", "email": "anna@example.org", "topics": ["music", "art"], "about": "Hi.", "password": "secret", "confirm": "secret", "accept_tos": "y"}


def post(url="/register", **changes):
    return client.post(url, data={key: value for key, value in {**valid, **changes}.items() if value is not None})


def members():
    return client.get("/members").text


from urllib.parse import urlencode
assert client.get("/register").content_type == "text/html; charset=iso-8859-1"
body = urlencode({**valid, "username": "Jürgen"}, doseq=True, encoding="iso-8859-1")  # as a browser sends it from this page
r = client.post("/register", data=body, content_type="application/x-www-form-urlencoded")
assert r.status_code == 303 and "Jürgen" not in members()
print("stored:", members())
