"""Async views, forms within forms: names of fields with hyphens; uniqueness awaited before the form is asked."""
import asyncio

from flask import Flask, make_response, render_template_string, request
from wtforms import FieldList, Form, FormField, SelectField, StringField, validators

HTML = """<!doctype html>
<html><head><meta charset="utf-8"><title>Order</title></head><body>
{%- macro row(field) %}
<div>{{ field.label }}{{ field(class="bad" if field.errors else "") }}{% for e in field.errors %}<em>{{ e }}</em>{% endfor %}</div>
{%- endmacro %}
<form method="post" enctype="multipart/form-data">
{{ row(form.number) }}{{ row(form.ship_to.form.city) }}{{ row(form.ship_to.form.country) }}
{% for item in form.items %}{{ row(item) }}{% endfor %}
{% for e in form.items.errors if e is string %}<em>{{ e }}</em>{% endfor %}
<input type="submit">
</form></body></html>"""


class Address(Form):
    city = StringField("City", [validators.InputRequired("Which city?"), validators.Length(max=40)])
    country = SelectField("Country", choices={"Europe": [("at", "Österreich"), ("ch", "Schweiz")], "Asia": [("jp", "日本")]})


class Order(Form):
    number = StringField("Number", [validators.InputRequired(), validators.Length(5, 30)])
    ship_to = FormField(Address, separator="-")
    items = FieldList(StringField("Item", [validators.InputRequired(), validators.Length(max=20)]), min_entries=2, max_entries=5)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    orders = {}

    async def keep(form):
        await asyncio.sleep(0)
        # nothing is awaited between asking and writing, and setdefault is one step for threads, too
        return orders.setdefault(form.number.data, form) is form

    @app.route("/order", methods=["GET", "POST"])
    async def order():
        if request.method == "POST":
            form = Order(request.form)
            if form.validate():
                if await keep(form):
                    return f"<p>Order {len(orders)} is on its way."
                form.number.errors = (*form.number.errors, "There is an order of that number.")
        else:
            form = Order()
        response = make_response(render_template_string(HTML, form=form))
        response.cache_control.no_store = True
        return response

    @app.get("/orders.txt")
    async def list_orders():
        return "".join(number + "\n" for number in list(orders)), {"Content-Type": "text/plain; charset=utf-8"}

    return app
