from flask import flash, redirect, render_template, request, url_for
from flask.views import MethodView

from guestbook import app
from guestbook.entries import ENTRIES, add


class Book(MethodView):
    def get(self):
        return render_template("book.html", entries=ENTRIES)

    def post(self):
        name, text = request.form.get("name"), request.form.get("text")
        if not (name and text):
            flash("Name and text, please.")
            return render_template("book.html", entries=ENTRIES), 422
        add(name, text)
        return redirect(url_for("book"))


app.add_url_rule("/", view_func=Book.as_view("book"))
