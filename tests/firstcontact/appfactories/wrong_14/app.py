"""A guest book with Flask-SQLAlchemy."""
from flask import Blueprint, Flask, current_app, redirect, render_template_string, request, url_for
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

db = SQLAlchemy()


class Entry(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(200))


book = Blueprint("book", __name__, url_prefix="/book")
PAGE = """<!doctype html><title>{{ config.BOOK_TITLE }}</title><h1>{{ config.BOOK_TITLE }}</h1>
<ul>{% for entry in entries %}<li>{{ entry.text }}{% endfor %}</ul>
<form method=post><input name=text maxlength=200 required><button>Sign</button></form>"""


@book.get("/")
def show():
    entries = db.session.scalars(db.select(Entry).order_by(Entry.id))
    return render_template_string(PAGE, entries=entries)


@book.post("/")
def sign():
    text = request.form.get("text", "").strip()
    if not 0 < len(text) <= 200:
        return "Between 1 and 200 characters, please.", 400
    db.session.add(Entry(text=text))
    db.session.commit()
    return redirect(url_for(".show"), 303)


about = Blueprint("about", __name__)


@about.get("/about")
def page():
    return render_template_string("<!doctype html><title>About</title><p>{{ config.BOOK_TITLE }}")


_tables_created = False


def init_database(app):
    global _tables_created
    db.init_app(app)
    if not _tables_created:  # once is enough
        with app.app_context():
            db.create_all()
        _tables_created = True


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(BOOK_TITLE="Guest book", SQLALCHEMY_DATABASE_URI="sqlite://")
    app.config.from_mapping(config)
    init_database(app)
    app.register_blueprint(book)
    app.register_blueprint(about)
    return app
