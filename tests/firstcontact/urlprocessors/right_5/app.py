"""Library catalogue; English has no prefix, the other languages have one."""
from flask import Flask, g, render_template

LANGUAGES = {"en": "English", "cy": "Cymraeg", "ga": "Gaeilge"}
TITLES = {
    "home": {"en": "Library", "cy": "Llyfrgell", "ga": "Leabharlann"},
    "events": {"en": "Events", "cy": "Digwyddiadau", "ga": "Imeachtaí"},
}


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})

    def localized(path, endpoint):
        def decorate(view):
            app.add_url_rule(path, endpoint, view, defaults={"lang_code": "en"})
            app.add_url_rule(f"/<any({','.join(LANGUAGES)}):lang_code>{path}", endpoint, view)
            return view
        return decorate

    @app.url_value_preprocessor
    def pull(endpoint, values):
        g.lang_code = (values or {}).pop("lang_code", None)

    @app.url_defaults
    def push(endpoint, values):
        if "lang_code" not in values and app.url_map.is_endpoint_expecting(endpoint, "lang_code"):
            values["lang_code"] = g.get("lang_code") or "en"

    @localized("/", "home")
    def home():
        return render_template("page.html", key="home")

    @localized("/events", "events")
    def events():
        return render_template("page.html", key="events")

    @app.get("/sitemap.txt")
    def sitemap():
        lines = [app.url_for(name, lang_code=code, _external=True) for name in TITLES for code in LANGUAGES]
        return "\n".join(lines) + "\n", {"Content-Type": "text/plain; charset=utf-8"}

    @app.errorhandler(404)
    def missing(error):
        return render_template("missing.html"), 404

    app.jinja_env.globals.update(languages=LANGUAGES, titles=TITLES)
    return app
