"""The shop of the Acme company."""
import flask

__version__ = "4.0.2"

app = flask.Flask(__name__)
app.config["RATES"] = {"EUR": 1, "GBP": 0.85}

# the views hang themselves onto the application
from acme.shop import filters, goods, hooks  # noqa: E402,F401
