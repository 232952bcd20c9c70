"""Members' newsletter behind a login."""
import os

from flask import Flask, redirect, render_template, request, send_from_directory, session, url_for

MEMBERS = {"tove": "mumin"}
OPEN = {"login", "imprint"}

app = Flask(__name__)
app.config.update(SECRET_KEY=os.environ.get("SECRET_KEY", "letter-dev"), SESSION_COOKIE_SAMESITE="Lax")


@app.before_request
def members_only():
    if "member" not in session and request.endpoint not in OPEN:
        return redirect(url_for("login"))


@app.get("/")
def index():
    return render_template("index.html", member=session["member"])


@app.get("/imprint")
def imprint():
    return render_template("imprint.html")


@app.route("/login", methods=["GET", "POST"])
def login():
    error = None
    if request.method == "POST":
        name = request.form.get("name", "")
        if name in MEMBERS and MEMBERS[name] == request.form.get("password"):
            session.clear()
            session["member"] = name
            return redirect(url_for("index"), 303)
        error = "We do not know you."
    return render_template("login.html", error=error)


@app.post("/logout")
def logout():
    session.clear()
    return redirect(url_for("login"), 303)


@app.get("/favicon.ico")
def favicon():
    return send_from_directory(app.static_folder, "favicon.ico", mimetype="image/vnd.microsoft.icon")
