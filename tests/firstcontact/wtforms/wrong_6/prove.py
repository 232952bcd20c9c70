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


r = post()
assert r.status_code == 200 and "Choose two topics at least." in r.text
print("two topics were sent, the form sees one")
