"""Both dispatchers in one small module, on top of one class."""
import threading
from wsgiref.util import shift_path_info

from flask import Flask, current_app, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wsgi import get_host

FARMS = {"hill": "Hill farm", "lake": "Lake farm"}


class Instances:
    """Makes what is asked for once; what is there already needs no lock."""

    def __init__(self, make):
        self.make = make
        self.lock = threading.Lock()
        self.ready = {}

    def get(self, key):
        if key in self.ready:
            return self.ready[key]
        with self.lock:
            if key in self.ready:
                return self.ready[key]
            made = self.make(key)
            if made is not None:
                self.ready[key] = made
            return made


class BySubdomain:
    def __init__(self, domain, create_app):
        self.domain = domain
        self.instances = Instances(create_app)

    def __call__(self, environ, start_response):
        labels = get_host(environ).split(":")[0].lower().split(".")
        own = self.domain.lower().split(".")
        if labels[-len(own):] != own:
            return BadRequest()(environ, start_response)
        found = self.instances.get(".".join(labels[: -len(own)])) or NotFound()
        return found(environ, start_response)


class ByPath:
    def __init__(self, default_app, create_app):
        self.default_app = default_app
        self.instances = Instances(create_app)

    def __call__(self, environ, start_response):
        shifted = environ.copy()
        found = self.instances.get(shift_path_info(shifted) or "")
        if found is None:
            return self.default_app(environ, start_response)
        return found(shifted, start_response)


def create_farm(key):
    if key not in FARMS:
        return None
    farm = Flask(__name__)
    farm.config["FARM"] = FARMS[key]

    @farm.get("/")
    def yard():
        return {"farm": current_app.config["FARM"], "root": request.root_path}

    @farm.get("/eggs")
    def eggs():
        return {"eggs": 6}

    return farm


app = Flask(__name__)


@app.get("/")
def market():
    return {"farms": sorted(FARMS)}


by_path = ByPath(app, create_farm)
by_subdomain = BySubdomain("farms.example", create_farm)
