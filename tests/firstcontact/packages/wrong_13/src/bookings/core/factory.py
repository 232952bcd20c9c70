from flask import Flask, render_template

from bookings.core.filters import hhmm


def create_app(**settings):
    # the templates are one folder up, next to the package's __init__.py
    app = Flask(__name__, template_folder="../templates")
    app.config.from_mapping(CLUB="TC Weiher", COURTS=4)
    app.config.from_mapping(settings)
    app.add_template_filter(hhmm)

    from bookings.courts import bp

    app.register_blueprint(bp, url_prefix="/courts")

    @app.route("/")
    def home():
        return render_template("home.html")

    return app
