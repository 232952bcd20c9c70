from flask import Blueprint, current_app, jsonify, request
from flask.views import MethodView
from sqlalchemy.orm import Mapped, mapped_column

from .ext import db, pricing

bp = Blueprint("catalogue", __name__, url_prefix="/v1")


class Item(db.Model):
    sku: Mapped[str] = mapped_column(primary_key=True)
    cents: Mapped[int]


class Items(MethodView):
    def get(self):
        items = db.session.scalars(db.select(Item).order_by(Item.sku)).all()
        return jsonify(shop=current_app.config["SHOP_NAME"], prices=pricing.label,
                       items=[{"sku": i.sku, "cents": i.cents} for i in items])

    def post(self):
        data = request.get_json(silent=True) or {}
        sku, cents = data.get("sku"), data.get("cents")
        if not isinstance(sku, str) or not sku.isalnum() or not isinstance(cents, int) or cents < 0:
            return jsonify(error="sku and cents, please"), 422
        if db.session.get(Item, sku):
            return jsonify(error="exists"), 409
        db.session.add(Item(sku=sku, cents=cents))
        db.session.commit()
        return jsonify(sku=sku), 201


bp.add_url_rule("/items", view_func=Items.as_view("items"))


def seed():
    if db.session.get(Item, "tea") is None:
        db.session.add(Item(sku="tea", cents=250))
        db.session.commit()


def init_app(app):
    """Called by the factory: the blueprint's place to hook into the app."""
    app.register_blueprint(bp)

    @app.after_request
    def api_headers(response):
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
