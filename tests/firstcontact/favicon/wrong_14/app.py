from flask import Flask, abort, render_template, url_for

from atlas import bp as atlas
from guide import bp as guide


def create_app():
    app = Flask(__name__)
    app.register_blueprint(atlas)
    app.register_blueprint(guide, url_prefix="/guide")

    @app.get("/")
    def home():
        return render_template("home.html")

    @app.get("/about/<topic>")
    def about(topic):
        if topic not in ("us", "maps"):
            abort(404)
        return render_template("home.html", topic=topic)

    with app.test_request_context():
        icon = url_for("static", filename="favicon.ico")
    app.add_url_rule("/favicon.ico", endpoint="favicon", redirect_to=icon)
    return app
