"""League table of a darts pub."""
from flask import Blueprint, Flask, abort, current_app, render_template, send_from_directory

league = Blueprint("league", __name__)
TABLE = [("Bull & Bush", 31), ("The Oche", 28), ("Treble Twenty", 28)]


@league.route("/")
def table():
    return render_template("table.html", table=sorted(TABLE, key=lambda row: -row[1]))


@league.route("/teams/<int:number>")
def team(number):
    if not 0 <= number < len(TABLE):
        abort(404)
    return render_template("team.html", team=TABLE[number])


@league.route("/favicon.ico")
def favicon():
    return send_from_directory(current_app.static_folder, "favicon.ico", mimetype="image/vnd.microsoft.icon", max_age=86400)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.register_blueprint(league)
    return app
