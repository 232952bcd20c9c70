from flask import Blueprint, Flask

from portal.lazy import LazyView


def section(name, import_package, rules):
    bp = Blueprint(name, __name__, url_prefix=f"/{name}")
    for rule, view in rules:
        bp.add_url_rule(rule, view_func=LazyView(f"{import_package}.{view}"))
    return bp


def create_app():
    app = Flask(__name__)
    app.register_blueprint(section("blog", "portal.blog", [
        ("/", "views.index"),
        ("/<slug>", "views.post"),
    ]))
    app.register_blueprint(section("wiki", "portal.wiki", [
        ("/", "views.index"),
        ("/page/<title>", "views.page"),
    ]))
    return app
