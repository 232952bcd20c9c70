"""Orders of a bakery: the page's script submits the form to a JSON endpoint."""
from datetime import date

from flask import Flask, jsonify, render_template, request, url_for
from flask.views import MethodView
from wtforms import DateField, Form, IntegerField, RadioField, StringField, TextAreaField, validators


class OrderForm(Form):
    customer = StringField("Your name", [validators.InputRequired(), validators.Length(min=2, max=80)])
    loaves = IntegerField("Loaves", [validators.InputRequired(), validators.NumberRange(min=1, max=20)])
    kind = RadioField("Kind", [validators.InputRequired()], choices=[("rye", "Rye"), ("spelt", "Spelt")])
    day = DateField("Day", [validators.InputRequired()])
    note = TextAreaField("Anything else?", [validators.Length(max=300)])

    def validate_day(self, field):
        if field.data is not None and field.data < date(2020, 1, 1):
            raise validators.ValidationError("We did not bake then.")


class Orders:
    def __init__(self):
        self._orders = []

    def add(self, **order):
        self._orders.append(order)
        return len(self._orders)

    def __iter__(self):
        return iter(self._orders)


class OrderPage(MethodView):
    init_every_request = False

    def get(self):
        return render_template("order.html", form=OrderForm())


class OrderApi(MethodView):
    def __init__(self, orders):
        self.orders = orders

    def get(self):
        return jsonify([{**order, "day": order["day"].isoformat()} for order in self.orders])

    def post(self):
        form = OrderForm(request.form)
        if form.validate():
            number = self.orders.add(**form.data)
            return jsonify(number=number), 201, {"Location": url_for("api")}
        return jsonify(errors=form.errors), 422


def create_app():
    app = Flask(__name__)
    app.add_url_rule("/", view_func=OrderPage.as_view("page"))
    app.add_url_rule("/api/orders", view_func=OrderApi.as_view("api", Orders()))
    return app
