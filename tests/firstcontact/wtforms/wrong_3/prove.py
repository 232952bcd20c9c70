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


text = post(username="x onfocus=alert(1) autofocus", confirm="typo").text
assert "value=x onfocus=alert(1) autofocus>" in text
print("an attribute of the visitor's making:", text[text.index("<input"):][:140])
