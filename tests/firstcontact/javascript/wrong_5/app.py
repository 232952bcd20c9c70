"""Log book of a sailing club; entries are removed without a reload."""
import itertools

from flask import Flask, abort, jsonify, redirect, render_template, request, url_for


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    entries = {1: "Left the harbour", 2: "Wind from the west"}
    numbers = itertools.count(3)

    @app.get("/")
    def log():
        return render_template("log.html", entries=dict(entries), root=request.script_root)

    @app.post("/entries")
    def add():
        text = request.form.get("text", "")
        if not text.strip():
            abort(400)
        id = next(numbers)
        entries[id] = text
        return jsonify(id=id, text=text), 201

    @app.get("/entries/<int:id>")
    def entry(id):
        if id not in entries:
            abort(404)
        return {"id": id, "text": entries[id]}

    @app.delete("/entries/<int:id>")
    def remove(id):
        entries.pop(id, None)
        return redirect(url_for("log"))

    @app.delete("/entries")
    def clear():
        entries.clear()
        return redirect(url_for("log"))

    return app
