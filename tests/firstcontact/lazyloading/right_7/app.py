"""Two blueprints, both with views that load late, and a login for one of them."""
from flask import Flask, g, session

from harbour import berths, office
from harbour.late import late


def create_app(config=None):
    app = Flask("harbour")
    app.secret_key = "harbour"
    app.config.update(config or {})
    app.register_blueprint(berths.bp, url_prefix="/berths")
    app.register_blueprint(office.bp, url_prefix="/office")
    app.add_url_rule("/login", view_func=late("harbour.pages.sign_in:login"), methods=["GET", "POST"])

    @app.before_request
    def who():
        g.person = session.get("person")

    @app.get("/up")
    def up():
        return "", 204

    return app
