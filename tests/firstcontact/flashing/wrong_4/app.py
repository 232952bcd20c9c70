"""Members' area of a chess club."""
import os

from flask import Flask, flash, redirect, render_template, request, session, url_for
from werkzeug.security import check_password_hash, generate_password_hash

app = Flask(__name__)
app.secret_key = os.environ.get("SECRET_KEY", "chess-dev")
app.config["SESSION_COOKIE_SAMESITE"] = "Lax"

MEMBERS = {"magnus": generate_password_hash("e4e5", method="pbkdf2:sha256:1000")}
ROUNDS = ["Round 1: 4 May", "Round 2: 18 May", "Round 3: 1 June"]


@app.get("/")
def home():
    return render_template("home.html", rounds=ROUNDS)


@app.get("/members")
def members():
    if "member" not in session:
        flash("Please log in first.", "warning")
        return redirect(url_for("login"))
    return render_template("members.html", members=sorted(MEMBERS))


@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "GET":
        return render_template("login.html")
    name = request.form.get("name", "")
    known = MEMBERS.get(name)
    if known and check_password_hash(known, request.form.get("password", "")):
        session["member"] = name
        flash("Your move! You are logged in.", "success")
        return redirect(url_for("home"))
    page = render_template("login.html", name=name)
    flash("Illegal move: name or password is wrong.", "error")
    return page


@app.post("/logout")
def logout():
    session.pop("member", None)
    flash("Good game.", "success")
    return redirect(url_for("home"))
