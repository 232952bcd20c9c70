"""Two applications: the shop window, and behind /staff the one of the staff."""
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

__version__ = "4.0.0"

app = Flask(__name__)
staff_app = Flask("portal.staff", root_path=app.root_path, template_folder="staff/templates")

from portal import window  # noqa: E402,F401
from portal.staff import desk  # noqa: E402,F401

app.wsgi_app = ProxyFix(
    DispatcherMiddleware(app.wsgi_app, {"/staff": staff_app.wsgi_app}), x_prefix=1
)
