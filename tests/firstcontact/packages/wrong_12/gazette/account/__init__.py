from flask import Blueprint, render_template, request

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("/login")
def login():
    return render_template("account/login.html")


@bp.post("/login")
def do_login():
    name = request.form.get("name", "")
    return render_template("account/login.html", error=f"No member is called {name!r}."), 401
