"""A gauge board.  The icon is not a static file: it lies with the rest of the brand."""
import hashlib
import io
from pathlib import Path

from flask import Blueprint, Flask, abort, make_response, render_template, send_file

brand = Blueprint("brand", __name__, url_prefix="/brand")
ICON = (Path(__file__).parent / "branding" / "gauge.ico").read_bytes()
DIGEST = hashlib.md5(ICON).hexdigest()[:12]


@brand.route("/<digest>.ico")
def icon(digest):
    if digest != DIGEST:
        abort(404)
    response = send_file(io.BytesIO(ICON), mimetype="image/vnd.microsoft.icon", etag=DIGEST)
    response.cache_control.public = True
    response.cache_control.max_age = 31536000
    response.cache_control.immutable = True
    return response


@brand.app_context_processor
def names():
    return {"brand_digest": DIGEST}


def root_icon():
    response = make_response(ICON)
    response.content_type = "image/vnd.microsoft.icon"
    response.cache_control.max_age = 3600
    return response


def create_app():
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(brand)
    app.add_url_rule("/favicon.ico", "root_icon", root_icon)

    @app.route("/gauges/")
    @app.route("/gauges/<float:low>/<float:high>/")
    def gauges(low=0.0, high=1.0):
        return render_template("gauges.xhtml", low=low, high=high), {"Content-Type": "application/xhtml+xml"}

    @app.route("/wall")
    def wall():
        return render_template("wall.html", values=[3, 1, 4])

    return app
