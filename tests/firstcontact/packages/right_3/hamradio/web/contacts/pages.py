from flask import render_template_string

from . import bp

PAGE = """{% extends "base.html" %}{% block main %}<p>Write to {{ club }}@example.org</p><a href="{{ url_for('.v1.bands') }}">Bands</a>{% endblock %}"""


@bp.get("/")
def index():
    return render_template_string(PAGE)
