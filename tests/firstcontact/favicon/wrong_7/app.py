"""Landing page of a pottery; static files lie at the root."""
from flask import Flask, abort, redirect, render_template, url_for
from flask.views import MethodView

WARES = {"bowl": 24, "jug": 38, "plate": 19}


class Home(MethodView):
    def get(self):
        return render_template("home.html", wares=WARES)


class Ware(MethodView):
    def get(self, name):
        if name not in WARES:
            abort(404)
        return render_template("ware.html", name=name, price=WARES[name])


class Favicon(MethodView):
    def get(self):
        return redirect(url_for("static", filename="favicon.ico"))


def create_app(config=None):
    app = Flask(__name__, static_url_path="")
    app.config.from_mapping(config or {})
    app.add_url_rule("/", view_func=Home.as_view("home"))
    app.add_url_rule("/wares/<name>", view_func=Ware.as_view("ware"))
    app.add_url_rule("/favicon.ico", view_func=Favicon.as_view("favicon"))
    return app
