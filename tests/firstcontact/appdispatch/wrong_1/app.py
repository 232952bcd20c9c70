"""Shops of a mall: one Flask app per subdomain, made on the first visit."""
from flask import Flask, current_app, render_template_string
from werkzeug.exceptions import NotFound

SHOPS = {"books": "Book shop", "bikes": "Bike shop"}
PAGE = "<!doctype html><title>{{ name }}</title><h1>{{ name }}</h1>"


def create_shop(key):
    shop = Flask(__name__)
    shop.config["SHOP"] = SHOPS[key]

    @shop.get("/")
    def window():
        return render_template_string(PAGE, name=current_app.config["SHOP"])

    @shop.get("/hours")
    def hours():
        return {"shop": current_app.config["SHOP"], "open": "9-18"}

    return shop


class SubdomainDispatcher:
    def __init__(self, domain, create_app):
        self.domain = domain.lower()
        self.create_app = create_app
        self.instances = {}

    def get_application(self, host):
        host = host.rpartition(":")[0] if ":" in host else host
        host = host.lower()
        if host != self.domain and not host.endswith("." + self.domain):
            return NotFound()
        subdomain = host[: -len(self.domain)].rstrip(".")
        if subdomain not in self.instances:
            self.instances[subdomain] = self.create_app(subdomain)
        return self.instances[subdomain]

    def __call__(self, environ, start_response):
        app = self.get_application(environ.get("HTTP_HOST", environ["SERVER_NAME"]))
        return app(environ, start_response)


def make_app(subdomain):
    if subdomain not in SHOPS:
        return NotFound()
    return create_shop(subdomain)


application = SubdomainDispatcher("mall.example", make_app)
app = Flask(__name__)


@app.get("/")
def directory():
    return {"shops": sorted(SHOPS)}
