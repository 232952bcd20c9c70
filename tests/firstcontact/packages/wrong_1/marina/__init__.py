"""Berths and bookings of a marina."""
import os

from flask import Flask

app = Flask(__name__)
app.config["SECRET_KEY"] = os.environ.get("SECRET_KEY", "marina-dev")

import marina.berths  # noqa: E402,F401
import marina.errors  # noqa: E402,F401
