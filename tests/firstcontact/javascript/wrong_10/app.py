from flask import Flask, jsonify, render_template, request, url_for

app = Flask(__name__)
BOOKS = [f"{word} {n}" for n in range(1, 9) for word in ("The sea, part", "A tree, part", "Sea birds, part")]
PAGE = 5


def find(q):
    return [title for title in BOOKS if q.lower() in title.lower()]


@app.route("/")
def search():
    q = request.args.get("q", "sea")
    return render_template("search.html", q=q, hits=find(q)[:PAGE])


@app.route("/results")
def results():
    q = request.args.get("q", "")
    page = request.args.get("page", 1, type=int)
    hits = find(q)[(page - 1) * PAGE:page * PAGE] if page > 0 else []
    return {"q": q, "page": page, "hits": hits}


@app.route("/titles")
def titles():
    return jsonify(BOOKS)


@app.route("/wish", methods=["POST"])
def wish():
    title = request.form.get("title", "")
    if not title:
        return jsonify(error="Which title?"), 400
    return jsonify(thanks=title), 201


@app.context_processor
def urls():
    return {"wish_url": url_for("wish")}
