"""A shop and its API, dispatched by path."""
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

site = Flask(__name__)
api = Flask("portal.api", root_path=site.root_path, template_folder=None, static_folder=None)

from portal import pages, services  # noqa: E402,F401

site.wsgi_app = DispatcherMiddleware(site.wsgi_app, {"/api": api.wsgi_app})
