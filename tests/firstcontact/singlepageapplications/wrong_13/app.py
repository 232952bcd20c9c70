"""Shopping list. The page's templates are filled in by the browser."""
from flask import Flask, jsonify, render_template, request

app = Flask(__name__, template_folder="frontend", static_folder="frontend/js", static_url_path="/js")

ITEMS = [{"id": 1, "what": "Bread", "done": False}, {"id": 2, "what": "Milk", "done": True}]


@app.get("/api/items")
def items():
    return jsonify(items=ITEMS)


@app.post("/api/items")
def add():
    data = request.get_json()
    what = str(data.get("what", "")).strip()
    if not what:
        return jsonify(error="what?"), 422
    ITEMS.append({"id": len(ITEMS) + 1, "what": what, "done": False})
    return jsonify(ITEMS[-1]), 201


@app.get("/api/items/<int:id>")
def item(id):
    for item in ITEMS:
        if item["id"] == id:
            return jsonify(item)
    return jsonify(error="not found"), 404


@app.route("/api/", methods=["GET", "POST", "PATCH", "DELETE"])
@app.route("/api/<path:rest>", methods=["GET", "POST", "PATCH", "DELETE"])
def no_such_route(rest=""):
    return jsonify(error="not found"), 404


@app.get("/", defaults={"path": ""})
@app.get("/<path:path>")
def frontend(path):
    return render_template("index.html")
