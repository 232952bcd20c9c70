"""A storefront behind a proxy, below /shop; the market is kept on the request."""
from flask import Flask, Request, abort, has_request_context, render_template_string, request, url_for
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

MARKETS = {"se": ("SEK", "Välkommen"), "no": ("NOK", "Velkommen"), "fi": ("EUR", "Tervetuloa")}


class MarketRequest(Request):
    market = None

    @property
    def currency(self):
        return MARKETS[self.market][0]

    @property
    def greeting(self):
        return MARKETS[self.market][1]


PAGE = """<!doctype html>
<html>
<link rel="canonical" href="{{ url_for(request.endpoint, _external=True) }}">
<h1>{{ request.greeting }}</h1>
<p>100 {{ request.currency }}</p>
<nav>
<a href="{{ url_for('front') }}">Front</a> <a href="{{ url_for('cart') }}">Cart</a>
{% for m in markets %}<a href="{{ url_for(request.endpoint, market=m) }}">{{ m|upper }}</a>
{% endfor %}
<a href="{{ url_for('terms') }}">Terms</a>
</nav>
</html>
"""


def take_market(endpoint, values):
    if not values or "market" not in values:
        return
    market = values.pop("market")
    if market not in MARKETS:
        abort(410 if market == "dk" else 404)  # Denmark was closed
    request.market = market


def create_app():
    app = Flask(__name__)
    app.request_class = MarketRequest
    app.url_value_preprocessor(take_market)

    @app.url_defaults
    def give_market(endpoint, values):
        if not has_request_context() or request.market is None:
            return
        if app.url_map.is_endpoint_expecting(endpoint, "market"):
            values.setdefault("market", request.market)

    def page():
        return render_template_string(PAGE, markets=MARKETS)

    app.add_url_rule("/<string(length=2):market>/", "front", page)
    app.add_url_rule("/<string(length=2):market>/cart", "cart", page)

    @app.route("/terms")
    def terms():
        links = [url_for("front", market=m) for m in MARKETS]
        return "Villkor " + " ".join(f'<a href="{u}">{u}</a>' for u in links)

    outside = Response("Not here", 404)
    app.wsgi_app = ProxyFix(
        DispatcherMiddleware(outside, {"/shop": app.wsgi_app}), x_for=1, x_proto=1, x_host=1
    )
    return app
