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


import warnings
warnings.simplefilter("ignore")
assert post().status_code == 303 == post(email="other@example.org").status_code
assert members().count("<li>anna</li>") == 2
print("the unique name is there twice")
