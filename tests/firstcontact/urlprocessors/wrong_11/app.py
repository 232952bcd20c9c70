"""Documentation server; the version in the URL is kept out of the views."""
from flask import Blueprint, Flask, abort, render_template_string, url_for

VERSIONS = {
    "1.0": ["install", "quickstart"],
    "1.1": ["install", "quickstart", "plugins"],
    "2.0": ["install", "quickstart", "plugins", "async"],
}


class Context:
    """What the templates and helpers need to know about the current visit."""

    def __init__(self):
        self.version = None
        self.chapters = []

    def switch(self, version):
        self.version = version
        self.chapters = VERSIONS[version]


ctx = Context()
docs = Blueprint("docs", __name__, url_prefix="/docs/<version>")


@docs.url_value_preprocessor
def pull_version(endpoint, values):
    version = values.pop("version")
    if version not in VERSIONS:
        abort(404)
    ctx.switch(version)


TOC = """<!doctype html>
<title>Docs {{ ctx.version }}</title>
<h1>Version {{ ctx.version }}</h1>
<ul>
{% for chapter in ctx.chapters %}
<li><a href="{{ url_for('docs.chapter', name=chapter) }}">{{ chapter }}</a></li>
{% endfor %}
</ul>
"""


@docs.route("/")
def contents():
    return render_template_string(TOC)


@docs.route("/<name>.html")
def chapter(name):
    if name not in ctx.chapters:
        abort(404)
    return render_template_string(
        "<h1>{{ name }}</h1><p>For {{ ctx.version }}. "
        "<a href=\"{{ url_for('docs.contents') }}\">Contents</a></p>",
        name=name,
    )


def create_app():
    app = Flask(__name__)

    @app.url_defaults
    def add_version(endpoint, values):
        if "version" in values or not ctx.version:
            return
        if app.url_map.is_endpoint_expecting(endpoint, "version"):
            values["version"] = ctx.version

    @app.context_processor
    def helpers():
        return {"ctx": ctx}

    @app.route("/versions")
    def versions():
        links = [url_for("docs.contents", version=v) for v in VERSIONS]
        return "".join(f'<p><a href="{link}">{link}</a></p>' for link in links)

    app.register_blueprint(docs)
    return app
