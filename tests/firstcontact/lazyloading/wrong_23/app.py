from flask import Flask

from lazy import LazyView

app = Flask(__name__)


@app.after_request
def no_store(response):
    response.headers.setdefault("Cache-Control", "no-store")
    return response


for rule, target in {
    "/": "weather.pages.home",
    "/forecast": "weather.forecast.forecast",
    "/forecast/<city>": "weather.forecast.for_city",
}.items():
    app.add_url_rule(rule, view_func=LazyView(target))
