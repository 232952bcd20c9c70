"""Knowledge base with .jinja templates and a tiny markup of its own."""
import os
import re
import sqlite3

from flask import Flask, g, redirect, render_template, request, url_for
from markupsafe import Markup, escape


class KnowledgeBase(Flask):
    def select_jinja_autoescape(self, filename):
        return filename is None or not filename.endswith(".txt.jinja")


def marked_up(text):
    html = str(escape(text))
    html = re.sub(r"\*([^*\n]+)\*", r"<em>\1</em>", html)
    return Markup("".join(f"<p>{part.strip()}</p>\n" for part in re.split(r"\n\s*\n", html) if part.strip()))


def create_app(config=None):
    app = KnowledgeBase(__name__)
    app.config.from_mapping(DATABASE=os.path.join(app.instance_path, "kb.db"))
    app.config.from_mapping(config or {})
    os.makedirs(os.path.dirname(app.config["DATABASE"]), exist_ok=True)
    app.add_template_filter(marked_up)

    def db():
        if "db" not in g:
            g.db = sqlite3.connect(app.config["DATABASE"])
            g.db.execute("create table if not exists article (slug text primary key, title text not null, body text not null)")
        return g.db

    @app.teardown_appcontext
    def close(exc):
        if connection := g.pop("db", None):
            connection.close()

    @app.get("/")
    def index():
        return render_template("index.html.jinja", articles=db().execute("select slug, title from article order by title").fetchall())

    @app.get("/new")
    def new():
        return render_template("new.html.jinja")

    @app.post("/new")
    def create():
        title, body = request.form.get("title", "").strip(), request.form.get("body", "")
        slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
        if not slug:
            return render_template("new.html.jinja", problem="The title needs a letter."), 422
        with db():
            added = db().execute("insert or ignore into article values (?, ?, ?)", (slug, title, body)).rowcount
        if not added:
            return render_template("new.html.jinja", problem="There is such an article."), 409
        return redirect(url_for("article", slug=slug), 303)

    @app.get("/articles/<slug>")
    def article(slug):
        row = db().execute("select title, body from article where slug = ?", (slug,)).fetchone()
        if row is None:
            return missing(None)
        return render_template("article.html.jinja", title=row[0], body=row[1])

    @app.errorhandler(404)
    def missing(error):
        return render_template("missing.html.jinja"), 404

    return app
