"""An issue tracker's public pages, with class-based views."""
from flask import Blueprint, Flask, abort, current_app, render_template_string
from flask.views import MethodView

bp = Blueprint("tracker", __name__, url_prefix="/issues")

ISSUES = {
    1: {"title": "Crash on start", "state": "open"},
    2: {"title": "Typo in README", "state": "closed"},
}

LIST = """<!doctype html><title>{{ tracker }}</title>
<h1>{{ tracker }}</h1>
<ul>{% for id, issue in issues.items() %}
<li><a href="{{ url_for('tracker.detail', id=id) }}">{{ issue.title }}</a> ({{ issue.state }})</li>
{% endfor %}</ul>"""
DETAIL = """<!doctype html><title>{{ issue.title }} - {{ tracker }}</title>
<h1>{{ issue.title }}</h1><p>{{ issue.state }}</p>"""


class Base(MethodView):
    def render(self, source, **context):
        return render_template_string(source, tracker=app.config["TRACKER_NAME"], **context)


class IssueList(Base):
    def get(self):
        return self.render(LIST, issues=ISSUES)


class IssueDetail(Base):
    def get(self, id):
        if id not in ISSUES:
            abort(404)
        return self.render(DETAIL, issue=ISSUES[id])


bp.add_url_rule("/", view_func=IssueList.as_view("list"))
bp.add_url_rule("/<int:id>", view_func=IssueDetail.as_view("detail"))


class Feed:
    """An extension: the title of the Atom feed."""

    def init_app(self, app):
        app.extensions["feed"] = {"title": f"Changes in {app.config['TRACKER_NAME']}"}

    def title(self):
        return current_app.extensions["feed"]["title"]


feed = Feed()


def create_app(config=None):
    app = Flask(__name__)
    app.config["TRACKER_NAME"] = "Issues"
    app.config.from_prefixed_env("TRACKER")
    app.config.update(config or {})
    feed.init_app(app)
    app.register_blueprint(bp)
    return app


# for gunicorn: "app:app"
app = create_app()
