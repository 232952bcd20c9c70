"""API of a sensor network: the site is an attribute of the request."""
from flask import Flask, Request, abort, has_request_context, jsonify, request, url_for

SITES = {"north": {"s1": 3.5, "s2": 4.0}, "south": {"s1": 18.2}, "öst": {"s9": 7.7}}


class SiteRequest(Request):
    site = None


class Network(Flask):
    request_class = SiteRequest


app = Network(__name__)


@app.url_value_preprocessor
def take_site(endpoint, values):
    if not values or "site" not in values:
        return
    request.site = values.pop("site")
    if request.site not in SITES:
        abort(404)


@app.url_defaults
def give_site(endpoint, values):
    if has_request_context() and request.site and app.url_map.is_endpoint_expecting(endpoint, "site"):
        values.setdefault("site", request.site)


@app.errorhandler(404)
def not_found(error):
    return jsonify(error=error.description, sites=url_for("sites")), 404


@app.get("/sites")
def sites():
    return jsonify({site: url_for("sensors", site=site) for site in SITES})


@app.get("/sites/<site>/sensors")
def sensors():
    links = {name: url_for("sensor", name=name) for name in SITES[request.site]}
    return jsonify({"self": url_for("sensors"), "up": url_for("sites"), "sensors": links})


@app.get("/sites/<site>/sensors/<name>")
def sensor(name):
    if name not in SITES[request.site]:
        abort(404)
    return jsonify({"self": url_for("sensor", name=name), "up": url_for("sensors"), "value": SITES[request.site][name]})
