from flask import Flask

from lazy import LazyView

app = Flask(__name__)
app.config["SITE"] = "Allotment society"


@app.before_request
def nothing_yet():
    """Maintenance mode is switched by configuration."""
    if app.config.get("MAINTENANCE"):
        return "Back soon", 503


@app.after_request
def headers(response):
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def url(import_name, url_rules=(), **options):
    view = LazyView(f"allotment.{import_name}")
    for rule in url_rules:
        app.add_url_rule(rule, view_func=view, **options)


url("views.plots.plots", ["/plots/", "/plots/<int:number>"])
url("views.news.news", ["/news"])
url("views.news.front", ["/"])
