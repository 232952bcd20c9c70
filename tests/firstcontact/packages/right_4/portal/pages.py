from flask import render_template, request

from portal import site
from portal.stock import items


@site.get("/")
def index():
    return render_template("shop.html", items=items(), api=f"{request.script_root}/api/items")


@site.get("/sold-out")
def sold_out():
    return render_template("shop.html", items=[item for item in items() if not item["left"]], api=None)
