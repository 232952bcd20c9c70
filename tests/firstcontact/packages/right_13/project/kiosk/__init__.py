from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from .shared import cache

app = Flask("kiosk.site", template_folder="pages", static_folder="assets")
rest = Flask("kiosk.api", static_folder=None)
for _each in (app, rest):
    cache.init_app(_each, config={"CACHE_TYPE": "SimpleCache", "CACHE_DEFAULT_TIMEOUT": 5})
app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/api": rest.wsgi_app})

from . import api, site  # noqa: E402,F401
