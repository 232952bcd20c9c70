from flask import abort, render_template

from acme.shop import app
from acme.shop.goods.catalogue import GOODS


@app.get("/goods/<slug>")
def details(slug):
    if slug not in GOODS:
        abort(404)
    return render_template("goods.xhtml", goods={slug: GOODS[slug]}), {"Content-Type": "application/xhtml+xml"}
