from flask import Flask, abort, jsonify, redirect, render_template, request, url_for
from flask.views import MethodView
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import MultiDict
from wtforms import Form, IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

db = SQLAlchemy()


class Plant(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    litres: Mapped[int]
    secret_price: Mapped[int] = mapped_column(default=5)

    def to_json(self):
        return {"id": self.id, "name": self.name, "litres": self.litres,
                "picture": url_for("static", filename="plant.svg"), "self": url_for("plant", id=self.id)}


class PlantForm(Form):
    name = StringField("Name", [InputRequired(), Length(max=3000)])
    litres = IntegerField("Litres", [InputRequired(), NumberRange(0, 500)])


class NoteForm(Form):
    note = StringField("Note", [InputRequired("An empty note?")])


def get_plant(id):
    return (db.session.get(Plant, id) if id < 2 ** 63 else None) or abort(404)


class Plants(MethodView):
    def get(self):
        plants = db.session.scalars(db.select(Plant).order_by(Plant.name, Plant.id))
        return jsonify([p.to_json() for p in plants])

    def post(self):
        data = request.get_json()
        types = {"name": str, "litres": int}
        if type(data) is not dict or any(type(data.get(k)) is not t for k, t in types.items()):
            return jsonify(errors={"_": ["name: text, litres: number"]}), 400
        form = PlantForm(MultiDict((k, str(data[k])) for k in types))
        if not form.validate() or "\x00" in data["name"]:
            return jsonify(errors=form.errors), 400
        try:
            data["name"].encode()
        except UnicodeEncodeError:
            return jsonify(errors={"name": ["Not a text"]}), 400
        plant = Plant(name=data["name"], litres=data["litres"])
        db.session.add(plant)
        db.session.commit()
        return plant.to_json(), 201


class OnePlant(MethodView):
    def get(self, id):
        return get_plant(id).to_json()

    def patch(self, id):
        get_plant(id)
        return redirect(url_for("garden"), 303)


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    app.add_url_rule("/plants", view_func=Plants.as_view("plants"))
    app.add_url_rule("/plants/<int:id>", view_func=OnePlant.as_view("plant"))

    @app.route("/garden")
    def garden():
        filters = {"season": request.args.get("season", "spring"), "bed": 3}
        return render_template("garden.html", filters=filters)

    @app.route("/garden/notes", methods=["POST"])
    def notes():
        form = NoteForm(request.form)
        ok = form.validate()
        return render_template("note.html", form=form), 200 if ok else 422

    @app.route("/garden/tip")
    def tip():
        return render_template("tip.html", season=request.args.get("season", "spring"))

    with app.app_context():
        db.create_all()
        db.session.add_all([Plant(name="Tomato", litres=2), Plant(name="Fern", litres=1)])
        db.session.commit()
    return app
