"""A guest book; `flask --app app run` and gunicorn's app:application both work."""
from flask import Blueprint, Flask, current_app, render_template

public = Blueprint("public", __name__)
admin = Blueprint("admin", __name__, url_prefix="/admin")


@public.get("/")
def welcome():
    return render_template("welcome.html", site=application.config["SITE"])


@public.get("/guests")
def guests():
    return render_template("guests.html", names=["Ada", "Grace"])


@admin.get("/")
def overview():
    return {"site": current_app.config["SITE"], "debug": current_app.debug}


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SITE="Guest book")
    app.config.from_mapping(config or {})
    app.register_blueprint(public)
    app.register_blueprint(admin)
    return app


application = create_app()
