"""The API, which the gateway in the cellar calls."""
from flask import Flask

app = Flask(__name__)

from . import meters, status  # noqa: E402,F401
