import os

from flask import Flask, render_template, send_from_directory, url_for
from flask.views import MethodView
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.utils import redirect


class Versioned(Flask):
    """Adds the time of the last change to the URLs of static files."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.url_defaults(self._add_version)
        self.wsgi_app = ProxyFix(self.wsgi_app, x_for=1, x_proto=1, x_host=1, x_prefix=1)

    def _add_version(self, endpoint, values):
        if endpoint == "static" and "v" not in values:
            try:
                path = os.path.join(self.static_folder, values["filename"])
                values["v"] = int(os.stat(path).st_mtime)
            except OSError:
                pass


class Article(MethodView):
    def get(self, year, month, slug):
        return render_template("artykul.html", tytul=slug.replace("-", " "), data=(year, month))


class Feed(MethodView):
    def get(self):
        return {"version": "https://jsonfeed.org/version/1.1", "title": "Gazeta",
                "favicon": url_for("static", filename="img/favicon.ico", _external=True), "items": []}


app = Versioned(__name__, static_url_path="/pliki")
app.add_url_rule("/<int:year>/<int:month>/<slug>.html", view_func=Article.as_view("article"))
app.add_url_rule("/feed.json", view_func=Feed.as_view("feed"))
app.add_url_rule("/", "index", lambda: render_template("index.html"))


@app.route("/favicon.ico", provide_automatic_options=False)
def favicon():
    return redirect(url_for("static", filename="img/favicon.ico"), code=307)


@app.errorhandler(500)
@app.errorhandler(404)
def error(e):
    return render_template("blad.html", kod=e.code), e.code
