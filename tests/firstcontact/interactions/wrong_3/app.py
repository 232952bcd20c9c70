"""A pin board: everybody pins, members remove. Old proxies send X-HTTP-Method-Override."""
from flask import Flask, abort, jsonify, redirect, render_template, request, session, url_for

MEMBERS = {"ida": "needle", "tom": "thread"}
GUARDED = {"PUT", "PATCH", "DELETE"}


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="only-for-trying", SESSION_COOKIE_SAMESITE="Lax")
    app.config.from_mapping(config or {})
    pins = ["Piano for sale"]

    @app.before_request
    def members_only():
        if request.method in GUARDED and "user" not in session:
            abort(401)

    @app.get("/")
    def board():
        return render_template("page.html", title="Board", items=pins)

    @app.post("/")
    def pin():
        text = request.form.get("text", "").strip()
        if not text:
            abort(400)
        if text not in pins:
            pins.append(text)
        return redirect(url_for("board"), 303)

    @app.get("/pins")
    def listing():
        return jsonify(pins)

    @app.delete("/pins/<path:name>")
    def remove(name):
        if name not in pins:
            abort(404)
        pins.remove(name)
        return "", 204

    @app.post("/pins/<path:name>")
    def tunnelled(name):
        methods = {"DELETE": remove}
        view = methods.get(request.headers.get("X-HTTP-Method-Override", "").upper())
        if view is None:
            abort(400)
        return view(name)

    @app.post("/login")
    def login():
        user = request.form.get("user", "")
        if user not in MEMBERS or MEMBERS[user] != request.form.get("password"):
            abort(401)
        session["user"] = user
        return redirect(url_for("board"), 303)

    @app.post("/logout")
    def logout():
        session.clear()
        return redirect(url_for("board"), 303)

    return app
