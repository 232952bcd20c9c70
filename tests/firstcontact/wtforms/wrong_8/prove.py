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


assert "errors" not in client.get("/register").text
post(confirm="typo")
other = app.test_client().get("/register").text
assert "Passwords must match" in other
print("another visitor's empty form shows the errors of the one before")
