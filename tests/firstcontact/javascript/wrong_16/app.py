import re
from collections import namedtuple

from flask import Flask, render_template, request
from markupsafe import Markup

Comment = namedtuple("Comment", "author text")
app = Flask(__name__)
app.config["MAX"] = 2000
comments = [Comment("Kim", "First! See https://example.org/ for more.")]


@app.template_filter()
def linked(text):
    """The text with its links clickable (urlize shortens and breaks ours)."""
    return Markup(re.sub(r"(https?://[^\s<>\"']+)", r'<a rel="nofollow" href="\1">\1</a>', text))


@app.get("/")
def thread():
    return render_template("thread.html", comments=comments, title=request.args.get("title", "Thread"))


@app.get("/preview")
def preview():
    author, text = request.args.get("author", "you"), request.args.get("text", "")
    return render_template("_comment.html", comment=Comment(author, text))


@app.post("/comments")
def add():
    text, author = request.form.get("text", ""), request.form.get("author") or "anonymous"
    if not text or len(text) > app.config["MAX"]:
        return {"error": "Between 1 and 2000 characters, please."}, 422
    comments.append(Comment(author, text))
    del comments[:-50]
    return {"author": author, "text": text, "count": len(comments)}, 201
