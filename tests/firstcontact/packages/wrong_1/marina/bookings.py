from flask import abort, redirect, render_template, request, url_for

from marina import app, store


@app.route("/bookings")
def bookings():
    return render_template("bookings.html", bookings=store.bookings())


@app.route("/bookings", methods=["POST"])
def book():
    if store.book(request.form.get("berth")) is None:
        abort(409, "This berth is taken.")
    return redirect(url_for("bookings"), 303)
