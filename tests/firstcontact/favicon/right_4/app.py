"""Weather station; pages without templates, the icon lies outside of the static folder."""
from flask import Flask, abort, send_file, url_for
from markupsafe import Markup

PAGE = Markup("""<!doctype html>
<html lang="de"><head><meta charset="utf-8"><title>{title}</title>
<link rel="ICON" href='{icon}' type="image/vnd.microsoft.icon"></head>
<body><h1>{title}</h1>{body}</body></html>""")
VALUES = {"außen": ["3,4", "4,0"], "innen": ["20,1"]}


def page(title, body):
    return PAGE.format(title=title, body=body, icon=url_for("icon"))


def links(pairs):
    return Markup("").join(Markup('<a href="{}">{}</a> ').format(url, text) for url, text in pairs)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})

    @app.get("/")
    def index():
        return page("Wetter", links((url_for("sensor", name=name), name) for name in VALUES))

    @app.get("/sensoren/<name>/")
    def sensor(name):
        if name not in VALUES:
            abort(404)
        return page(name, links((url_for("value", name=name, number=n), v) for n, v in enumerate(VALUES[name])))

    @app.get("/sensoren/<name>/werte/<int:number>")
    def value(name, number):
        if name not in VALUES or number >= len(VALUES[name]):
            abort(404)
        return page(f"{VALUES[name][number]} °C", links([(url_for("sensor", name=name), name)]))

    @app.get("/favicon.ico", endpoint="icon")
    def icon():
        return send_file("art/sonne.ico", mimetype="image/vnd.microsoft.icon", max_age=3600)

    @app.errorhandler(404)
    def missing(error):
        return page("Nicht gefunden", links([(url_for("index"), "Wetter")])), 404

    return app
