"""An app object; async views; Flask-Caching with keys by its own functions."""
import asyncio
import secrets

from flask import Flask, abort, jsonify, request
from flask_caching import Cache

app = Flask(__name__)
app.config["CACHE_TYPE"] = "SimpleCache"
app.config["CACHE_THRESHOLD"] = 100
cache = Cache(app, with_jinja2_ext=False)
texts = {}
switch = {"on": True}


def by_url():
    return "GET " + request.full_path


@app.route("/weather")
@cache.cached(timeout=120, make_cache_key=lambda *args, **kwargs: by_url(), response_filter=lambda answer: isinstance(answer, dict))
async def weather():
    await asyncio.sleep(0)
    if not switch["on"]:
        return jsonify(error="the station does not answer"), 503
    return {"city": request.args.get("city"), "measured": secrets.token_urlsafe(9)}


@app.route("/tide")
@cache.cached(timeout=120)
async def tide():
    await asyncio.sleep(0)
    return {"tide": secrets.token_urlsafe(9)}


@app.route("/station", methods=["DELETE"])
async def off():
    switch["on"] = False
    return {}, 200


@app.route("/station", methods=["PUT"])
async def on():
    switch["on"] = True
    return {}, 200


@cache.memoize(timeout=120)
def rendered(name):
    return {"text": texts.get(name, ""), "made": secrets.token_urlsafe(9)}


@app.route("/texts/<name>", methods=["GET", "PUT"])
async def text(name):
    if request.method == "PUT":
        if len(request.form["content"]) > 5000:
            abort(413)
        texts[name] = request.form["content"]
        cache.delete_memoized(rendered, name)
        return "", 204
    return rendered(name)
