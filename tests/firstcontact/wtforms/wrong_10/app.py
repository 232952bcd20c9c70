"""A staff directory with Flask-SQLAlchemy; entries can be added and corrected."""
from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column
from wtforms import EmailField, Form, SelectField, StringField, validators

db = SQLAlchemy()
bp = Blueprint("staff", __name__, url_prefix="/staff")


class Person(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str]
    office: Mapped[str]


def strip(value):
    return value.strip() if value else value


class PersonForm(Form):
    name = StringField("Name", [validators.InputRequired(), validators.Length(2, 60)], filters=[strip])
    email = EmailField("E-mail", [validators.InputRequired(), validators.Email(), validators.Length(max=80)])
    office = SelectField("Office", choices=[("ber", "Berlin"), ("lis", "Lisbon"), ("osl", "Oslo")])


@bp.get("/")
def index():
    people = db.session.scalars(db.select(Person).order_by(Person.id))
    return render_template("index.html", people=people)


@bp.route("/new", methods=["GET", "POST"])
def new():
    form = PersonForm(request.form)
    if request.method == "POST" and form.validate():
        person = Person()
        form.populate_obj(person)
        db.session.add(person)
        return redirect(url_for(".index"))
    return render_template("form.html", form=form, title="New person")


@bp.route("/<int:id>/edit", methods=["GET", "POST"])
def edit(id):
    person = db.get_or_404(Person, id)
    form = PersonForm(request.form, obj=person)
    if request.method == "POST":
        form.populate_obj(person)
        if form.validate():
            return redirect(url_for(".index"))
    return render_template("form.html", form=form, title="Edit person")


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SQLALCHEMY_DATABASE_URI="sqlite://", SECRET_KEY="dev")
    app.config.from_mapping(config or {})
    db.init_app(app)
    app.register_blueprint(bp)

    @app.after_request
    def commit(response):
        # one transaction for each request
        if response.status_code < 500:
            db.session.commit()
        return response

    with app.app_context():
        db.create_all()
        db.session.add(Person(name="Grace Hopper", email="grace@example.org", office="ber"))
        db.session.commit()
    return app
