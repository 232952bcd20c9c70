from flask import redirect, render_template, request, session, url_for

from bookshop import app
from bookshop.stock import BOOKS


@app.route("/wishlist")
def wishlist():
    wanted = [BOOKS[isbn][0] for isbn in session.get("wishlist", ()) if isbn in BOOKS]
    return render_template("layout.html", text=", ".join(wanted) or "Nothing yet")


@app.route("/wishlist", methods=["POST"])
def wish():
    session["wishlist"] = [*session.get("wishlist", ()), request.form.get("isbn", "")]
    return redirect(url_for("wishlist"), 303)
