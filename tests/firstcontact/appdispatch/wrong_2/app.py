"""Wikis of several clubs, dispatched by subdomain."""
from threading import Lock

from flask import Flask, current_app
from markupsafe import escape
from werkzeug.exceptions import NotFound
from werkzeug.wsgi import get_host

CLUBS = {"chess": "Chess club", "rowing": "Rowing club"}


class ClubDispatcher:
    def __init__(self, domain, create_app):
        self.domain = domain.lower()
        self.create_app = create_app
        self.lock = Lock()
        self.instances = {}

    def subdomain(self, environ):
        host = get_host(environ).lower()
        if host == self.domain:
            return ""
        head, dot, tail = host.partition("." + self.domain)
        return head if dot and not tail else None

    def __call__(self, environ, start_response):
        key = self.subdomain(environ)
        if key is None:
            return NotFound()(environ, start_response)
        with self.lock:
            if key not in self.instances:
                self.instances[key] = self.create_app(key)
            instance = self.instances[key]
        return instance(environ, start_response)


def create_wiki(name):
    wiki = Flask(__name__)
    wiki.config["CLUB"] = name

    @wiki.get("/")
    def front():
        return f"<!doctype html><title>Wiki</title><h1>{escape(current_app.config['CLUB'])}</h1>"

    @wiki.get("/page/<title>")
    def page(title):
        return f"<!doctype html><title>Wiki</title><h1>{escape(title)}</h1>"

    return wiki


def make_app(subdomain):
    name = CLUBS.get(subdomain)
    return NotFound() if name is None else create_wiki(name)


application = ClubDispatcher("clubs.example", make_app)
app = create_wiki("All clubs")
