"""Departures after midnight."""
from flask import Flask

app = Flask(__name__)

import nightbus.views  # noqa: E402,F401
