"""Projects with issues: the project is looked up once, nested blueprints use it."""
import os
import sqlite3

from flask import Blueprint, Flask, abort, current_app, g, redirect, render_template, request, url_for

project = Blueprint("project", __name__, url_prefix="/p/<slug>")
issues = Blueprint("issues", __name__, url_prefix="/issues")
SCHEMA = """
create table if not exists project (id integer primary key, slug text not null unique, name text not null);
create table if not exists issue (id integer primary key, project integer not null references project, title text not null);
insert or ignore into project (slug, name) values ('sauna', 'Sauna & pool'), ('roof', 'Roof'), ('küche', 'Küche');
"""


def db():
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["DATABASE"], timeout=10)
    return g.db


@project.url_value_preprocessor
def find(endpoint, values):
    g.slug = values.pop("slug")
    g.project = db().execute("select id, name from project where slug = ?", (g.slug,)).fetchone()
    if g.project is None:
        abort(404)


@project.url_defaults
def fill(endpoint, values):
    if g.get("slug") is not None:
        values.setdefault("slug", g.slug)


@issues.url_defaults
def fill_nested(endpoint, values):
    fill(endpoint, values)


@project.get("/")
def overview():
    return render_template("overview.html", name=g.project[1])


@issues.get("/")
def index():
    rows = db().execute("select id, title from issue where project = ? order by id", (g.project[0],)).fetchall()
    return render_template("issues.html", name=g.project[1], issues=rows)


@issues.post("/")
def report():
    title = request.form.get("title", "").strip() or abort(400)
    with db():
        db().execute("insert into issue (project, title) values (?, ?)", (g.project[0], title))
    return redirect(url_for(".index"), 303)


@issues.get("/<int:number>")
def issue(number):
    row = db().execute("select title from issue where id = ? and project = ?", (number, g.project[0])).fetchone()
    return render_template("issue.html", title=(row or abort(404))[0])


project.register_blueprint(issues)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(DATABASE=os.path.join(app.instance_path, "projects.db"))
    app.config.from_mapping(config or {})
    os.makedirs(os.path.dirname(app.config["DATABASE"]), exist_ok=True)
    app.register_blueprint(project)

    @app.teardown_appcontext
    def close(exc):
        if (connection := g.pop("db", None)) is not None:
            connection.close()

    @app.get("/")
    def projects():
        return render_template("projects.html", projects=db().execute("select slug, name from project order by name").fetchall())

    with app.app_context():
        db().executescript(SCHEMA)
    return app
