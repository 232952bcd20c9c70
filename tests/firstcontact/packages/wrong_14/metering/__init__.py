from flask import Flask

from .data import Readings

app = Flask(__name__)
app.json.sort_keys = False
readings = Readings()

import metering.api  # noqa: E402,F401
import metering.pages  # noqa: E402,F401
