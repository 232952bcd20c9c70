"""Notes.  Everything that changes something is sent by static/notes.js."""
from flask import Flask, redirect, render_template, request, session, url_for
from flask.views import View

app = Flask(__name__)
app.secret_key = "notes"


class Notes(View):
    methods = ["GET", "POST", "PUT", "DELETE"]

    def dispatch_request(self):
        notes = session.setdefault("notes", ["milk"])
        if request.method == "GET":
            return render_template("notes.html", notes=notes)
        text = request.form.get("text", "")
        if request.method in ("POST", "PUT") and not text:
            return {"error": "Empty note"}, 400
        if request.method == "POST":
            session["notes"] = [*notes, text]
            return {"text": text}, 201
        session["notes"] = [text] if request.method == "PUT" else []
        return redirect(url_for("overview"))


class Overview(View):
    def dispatch_request(self):
        return render_template("overview.html", count=len(session.get("notes", ())))


app.add_url_rule("/notes", view_func=Notes.as_view("notes"))
app.add_url_rule("/", view_func=Overview.as_view("overview"))
