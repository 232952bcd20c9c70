"""Print shop: customers upload the document to print."""
import os
import re

from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    redirect,
    render_template_string,
    request,
    send_from_directory,
    url_for,
)

EXTENSIONS = ("pdf", "txt", "png", "jpg", "jpeg")
bp = Blueprint("orders", __name__, url_prefix="/orders")


def allowed(filename):
    _, dot, extension = filename.rpartition(".")
    return bool(dot) and extension.lower() in EXTENSIONS


def clean(filename):
    """Keep the customer's file name (with umlauts), but make it harmless."""
    filename = filename.replace("\\", "/").replace("\0", "")
    filename = filename.replace("../", "")
    filename = filename.lstrip("/")
    return re.sub(r"\s+", "_", filename)


FORM = """<!doctype html>
<title>New order</title>
{% for message in get_flashed_messages() %}<p>{{ message }}</p>{% endfor %}
<form method=post enctype="multipart/form-data">
<input type=file name=document accept=".pdf,.txt,.png,.jpg,.jpeg">
<input type=submit value="Order">
</form>
"""


@bp.route("/new", methods=["GET", "POST"])
def new():
    if request.method == "POST":
        document = request.files.get("document")
        if not document or document.filename == "":
            flash("Please choose a document.")
            return redirect(request.url)
        if not allowed(document.filename):
            flash("We cannot print that.")
            return redirect(request.url)
        name = clean(document.filename)
        target = os.path.join(current_app.config["ORDERS_DIR"], name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        document.save(target)
        return redirect(url_for(".show", name=name))
    return render_template_string(FORM)


@bp.route("/files/<path:name>")
def show(name):
    return send_from_directory(os.path.abspath(current_app.config["ORDERS_DIR"]), name)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY="print",
        ORDERS_DIR=os.path.join(app.instance_path, "orders"),
        MAX_CONTENT_LENGTH=10_000_000,
    )
    app.config.from_mapping(config or {})
    app.register_blueprint(bp)
    return app
