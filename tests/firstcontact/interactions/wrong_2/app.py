"""A tool library with a cached front page for visitors."""
from flask import Flask, abort, flash, redirect, render_template, request, session, url_for
from flask_caching import Cache

app = Flask(__name__)
app.config.from_mapping(SECRET_KEY="only-for-trying", SESSION_COOKIE_SAMESITE="Lax", CACHE_TYPE="SimpleCache")
cache = Cache(app)
MEMBERS = {"kim": "hammer", "lou": "saw"}
TOOLS = ["Drill", "Ladder"]


def front_key():
    return f"front/{session.get('user', '')}"


@app.get("/")
@cache.cached(timeout=300, make_cache_key=front_key)
def front():
    return render_template("page.html", title="Tools", items=TOOLS)


@app.get("/mail")
def mail():
    return render_template("page.html", title="Write to us", items=[])


@app.post("/mail")
def send():
    text = request.form.get("text", "").strip()
    if not text:
        abort(400)
    flash(f"Sent: {text}")
    return redirect(url_for("front"), 303)


@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "POST":
        user = request.form.get("user", "")
        if user in MEMBERS and MEMBERS[user] == request.form.get("password"):
            session["user"] = user
            return redirect(url_for("loans"), 303)
        return render_template("page.html", title="Try again", items=[]), 401
    return render_template("page.html", title="Log in", items=[])


@app.post("/logout")
def logout():
    session.clear()
    return redirect(url_for("login"), 303)


@app.get("/loans")
def loans():
    if "user" not in session:
        return redirect(url_for("login"))
    return render_template("page.html", title="Your loans", items=[])
