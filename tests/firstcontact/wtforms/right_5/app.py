"""An app object; a catalogue with a search form (GET) beside the form that adds to it."""
import threading
from dataclasses import dataclass

from flask import Flask, redirect, render_template, request, url_for
from jinja2 import DictLoader
from wtforms import Form, IntegerField, SearchField, SelectField, StringField
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ReadOnly


@dataclass
class Film:
    name: str
    year: int | None
    genre: str


class FilmForm(Form):
    name = StringField("Название", validators=[DataRequired(message="Без названия нельзя"), Length(max=100)])
    year = IntegerField("Год", validators=[Optional(), NumberRange(1888, 2100)])
    genre = SelectField("Жанр", choices=[("d", "драма"), ("c", "комедия"), ("", "—")], default="")
    source = StringField("Источник", validators=[ReadOnly()], default="site")


class SearchForm(Form):
    q = SearchField("Поиск", validators=[Length(min=2, max=60)])


app = Flask(__name__)
app.jinja_loader = DictLoader({
    "_helpers.html": """{% macro render_field(field) %}<tr><th>{{ field.label }}<td>{{ field(**kwargs)|safe }}{% if field.errors %}<ul class=errors>{% for error in field.errors %}<li>{{ error }}</li>{% endfor %}</ul>{% endif %}{% endmacro %}""",
    "add.html": """<!doctype html><html lang=ru><title>Фильм</title>{% from "_helpers.html" import render_field %}<form method=post accept-charset=utf-8><table>{{ render_field(form.name, class="wide") }}{{ render_field(form.year) }}{{ render_field(form.genre) }}{{ render_field(form.source) }}</table><input type=submit></form>""",
    "films.html": """<!doctype html><title>Фильмы</title>{% from "_helpers.html" import render_field %}<form method=get action="{{ url_for('search') }}"><table>{{ render_field(search.q) }}</table></form><ol>{% for film in found %}<li>{{ film.name }}</li>{% endfor %}</ol>""",
})
films = []
lock = threading.Lock()


@app.get("/films")
def index():
    return render_template("films.html", found=list(films), search=SearchForm())


@app.get("/films/search")
def search():
    form = SearchForm(request.args)
    found = []
    if "q" in request.args and form.validate():
        with lock:
            found = [film for film in films if form.q.data.casefold() in film.name.casefold()]
    return render_template("films.html", found=found, search=form)


@app.route("/films/add", methods=["GET", "POST"])
def add():
    form = FilmForm(request.form)
    if request.method == "POST" and form.validate():
        film = Film(form.name.data, form.year.data, form.genre.data)
        with lock:
            films.append(film)
        return redirect(url_for("index"))
    return render_template("add.html", form=form)
