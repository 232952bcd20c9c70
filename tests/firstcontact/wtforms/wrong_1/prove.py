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


assert post("/register?accept_tos=y&password=x&confirm=x", accept_tos=None, password="", confirm="").status_code == 303
assert "anna" in members()
print("what the visitor did not fill in (terms, password) came from the link")
