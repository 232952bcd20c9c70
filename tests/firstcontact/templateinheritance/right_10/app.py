"""A timetable as XHTML behind a proxy that strips a prefix; templates live in the code."""
from flask import Blueprint, Flask, make_response, render_template
from jinja2 import DictLoader
from werkzeug.middleware.proxy_fix import ProxyFix

TEMPLATES = {
    "tt/frame.xhtml": """\
<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
<head>
<title>{% block title %}Timetable{% endblock title %}</title>
{% block head %}
<link rel="stylesheet" href="{{ url_for('static', filename='tt.css') }}" />
{% endblock head %}
</head>
<body>
<div id="content">{% block content %}<p>Nothing.</p>{% endblock content %}</div>
<div id="footer">{% block footer %}All times are local. <a href="{{ url_for('tt.lines') }}">Lines</a>{% endblock footer %}</div>
</body>
</html>
""",
    "tt/lines.xhtml": """\
{# The front page. -#}
{% extends "tt/frame.xhtml" %}
{% block title %}Lines of {{ operator }}{% endblock %}
{% block content %}
<ul>{% for number in lines %}<li><a href="{{ url_for('tt.line', number=number) }}">{{ number }}</a></li>{% endfor %}</ul>
{% endblock %}
""",
    "tt/line.xhtml": """\
{% extends "tt/frame.xhtml" %}
{% from "tt/macros.xhtml" import stop %}
{% block title %}Line {{ number }}{% endblock %}
{% block content %}
<h1>{{ self.title() }}</h1>
<table>{% for name, times in stops %}{% call stop(name) %}{{ times|join(", ") }}{% endcall %}{% endfor %}</table>
{% endblock %}
""",
    "tt/board.xhtml": """\
{% extends "tt/frame.xhtml" %}
{% block title %}Board{% endblock %}
{% block head %}<meta http-equiv="refresh" content="60" />{{ super() }}{% endblock %}
{% block content %}<p>{{ next }}</p>{% endblock %}
{% block footer %}{% endblock %}
""",
    "tt/macros.xhtml": """\
{% macro stop(name) %}<tr><th>{{ name }}</th><td>{{ caller() }}</td></tr>{% endmacro %}
""",
    "tt/none.xhtml": """\
{% extends "tt/frame.xhtml" %}
{% block title %}Not found{% endblock %}
{% block content %}{{ super() }}<p>No such line.</p>{% endblock %}
""",
}

LINES = {"7": [("Quay & Mole", ["7:05", "8:05"]), ("Mill", ["7:15", "8:15"])], "9a": [("Mill", ["9:00"])]}

tt = Blueprint("tt", __name__)


def xhtml(template, status=200, **context):
    response = make_response(render_template(template, operator="Bus <& Sons>", **context), status)
    response.mimetype = "application/xhtml+xml"
    return response


@tt.get("/lines")
def lines():
    return xhtml("tt/lines.xhtml", lines=LINES)


@tt.get("/lines/<number>")
def line(number):
    return xhtml("tt/line.xhtml", number=number, stops=LINES[number]) if number in LINES else none(None)


@tt.get("/board")
def board():
    return xhtml("tt/board.xhtml", next="7 to Mill & beyond")


@tt.app_errorhandler(404)
def none(error):
    return xhtml("tt/none.xhtml", 404)


app = Flask(__name__, template_folder=None)
app.jinja_loader = DictLoader(TEMPLATES)
app.wsgi_app = ProxyFix(app.wsgi_app, x_prefix=1, x_host=1, x_proto=1)
app.register_blueprint(tt)
