from flask import abort, redirect, render_template, request, url_for

from ..catalogue import GOODS
from ..models import Order, db
from . import orders


@orders.get("/")
def index():
    return render_template("orders/index.html", orders=db.session.scalars(db.select(Order).order_by(Order.id)), goods=GOODS)


@orders.post("/")
def place():
    amount = request.form.get("amount", default=0, type=int)
    goods = request.form.get("goods")
    if goods not in GOODS or not 1 <= amount <= 1000:
        abort(422)
    db.session.add(Order(goods=goods, amount=amount))
    db.session.commit()
    return redirect(url_for(".index"), 303)
