"""The page's form is sent by a script; the server answers JSON. WTForms without any extension."""
import itertools
import threading

from flask import Flask, jsonify, request
from flask.views import MethodView
from markupsafe import Markup
from wtforms import Form, IntegerField, SelectMultipleField, StringField, URLField, ValidationError
from wtforms.validators import URL, DataRequired, InputRequired, Length, NumberRange, Regexp
from wtforms.widgets import CheckboxInput, ListWidget


class Bookmark(Form):
    title = StringField(validators=[DataRequired(), Length(max=80)], filters=[lambda text: text.strip() if text else text])
    address = URLField(validators=[InputRequired(), URL(require_tld=False)])
    stars = IntegerField(validators=[InputRequired(), NumberRange(0, 5)])
    tags = SelectMultipleField(choices=[(1, "one"), (2, "two"), (3, "three")], coerce=int, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())
    code = StringField(validators=[Regexp(r"\A[A-Z]{2}\d{3}\Z")])

    def validate_tags(self, field):
        if not field.data:
            raise ValidationError("One tag at least.")


class Bookmarks(MethodView):
    init_every_request = False

    def __init__(self, kept):
        self.kept = kept
        self.numbers = itertools.count(1)
        self.lock = threading.Lock()

    def get(self):
        return jsonify([{"number": number, **data} for number, data in list(self.kept.items())])

    def post(self):
        form = Bookmark(request.form)
        if not form.validate():
            return jsonify(errors=form.errors), 400
        with self.lock:
            number = next(self.numbers)
            self.kept[number] = form.data
        return jsonify(number=number, **form.data), 201


def page():
    form = Bookmark()
    inputs = Markup("").join(Markup("<label>{} {}</label><output name='{}-errors'></output>").format(field.label.text, field(), field.name) for field in form)
    return Markup("<!doctype html><meta charset=utf-8><title>Bookmarks</title><form id=f data-to='/bookmarks'>{}<button>Keep</button></form><script src='/static/send.js'></script>").format(inputs)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.add_url_rule("/bookmarks", view_func=Bookmarks.as_view("bookmarks", {}))
    app.add_url_rule("/", view_func=page)
    return app
