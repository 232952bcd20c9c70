"""Hosted calendars: each customer has a subdomain and an app of their own."""
import threading

from flask import Flask, current_app
from werkzeug.exceptions import NotFound
from werkzeug.wsgi import get_host

CUSTOMERS = {"smith": {"NAME": "Smith & Co"}, "jones": {"NAME": "Jones"}}


def create_calendar(settings):
    calendar = Flask(__name__)
    calendar.config.update(settings)

    @calendar.get("/")
    def month():
        return {"customer": current_app.config["NAME"], "month": "May"}

    @calendar.get("/days/<int:day>")
    def day(day):
        return {"customer": current_app.config["NAME"], "day": day}

    return calendar


class CustomerDispatcher:
    def __init__(self, domain, create_app):
        self.domain = domain
        self.create_app = create_app
        self.lock = threading.Lock()
        self.apps = {}

    def app_for(self, subdomain):
        self.lock.acquire()
        app = self.apps.get(subdomain)
        if app is None:
            app = self.create_app(subdomain)
            self.apps[subdomain] = app
        self.lock.release()
        return app

    def __call__(self, environ, start_response):
        host = get_host(environ).lower().split(":")[0]
        if host == self.domain:
            subdomain = ""
        elif host.endswith("." + self.domain):
            subdomain = host[: -len(self.domain) - 1]
        else:
            return NotFound()(environ, start_response)
        return self.app_for(subdomain)(environ, start_response)


def make_app(subdomain):
    settings = CUSTOMERS.get(subdomain)
    if settings is None:
        return NotFound()
    return create_calendar(settings)


application = CustomerDispatcher("calendars.example", make_app)
app = Flask(__name__)


@app.get("/")
def home():
    return {"customers": len(CUSTOMERS)}
