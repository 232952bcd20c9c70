from flask import Flask, render_template
from flask_wtf import CSRFProtect

PROFILE = {
    "produktion": {"SECRET_KEY": "aus dem Tresor", "BETRIEB": "Bäckerei Hölzl"},
    "probe": {"SECRET_KEY": "probe", "BETRIEB": "Probebetrieb", "TESTING": True},
}
csrf = CSRFProtect()


def create_app(profil):
    app = Flask(
        "ferien",
        static_folder="ablage",
        static_url_path="/ablage",
        template_folder="vorlagen",
    )
    app.config.update(PROFILE[profil])
    csrf.init_app(app)

    from .antraege import bp as antraege
    from .start import bp as start

    app.register_blueprint(start, url_prefix="/urlaub")
    app.register_blueprint(antraege, url_prefix="/urlaub/antraege")
    app.register_error_handler(404, lambda e: (render_template("fehlt.html"), 404))
    return app
