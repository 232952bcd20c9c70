from flask import render_template

from acme.shop import app
from acme.shop.goods.catalogue import GOODS


@app.get("/")
def index():
    return render_template("goods.xhtml", goods=GOODS), {"Content-Type": "application/xhtml+xml"}


@app.get("/goods.txt")
def plain():
    return "\n".join(GOODS), {"Content-Type": "text/plain; charset=utf-8"}
