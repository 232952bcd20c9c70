"""Ein Kochbuch, mit einem Icon als SVG für neue Browser und als ICO für alle anderen."""
from flask import Flask, abort, current_app, render_template, send_from_directory

REZEPTE = {"knoedel": "Knödel", "strudel": "Apfelstrudel"}


def favicon():
    return send_from_directory(
        current_app.static_folder, "bilder/favicon.ico", mimetype="image/x-icon", max_age=604800
    )


def create_app():
    app = Flask(__name__, static_folder="statisch")
    app.add_url_rule("/favicon.ico", view_func=favicon)
    app.add_url_rule("/", "start", lambda: render_template("start.html", rezepte=REZEPTE))

    @app.route("/rezept/<name>")
    def rezept(name):
        return render_template("rezept.html", titel=REZEPTE.get(name) or abort(404))

    @app.route("/rezept/<name>/drucken")
    def drucken(name):
        return render_template("drucken.html", titel=REZEPTE.get(name) or abort(404))

    app.register_error_handler(404, lambda f: (render_template("rezept.html", titel="Gibt es nicht"), 404))
    return app
