"""Prints what two patterns cost on an app of 1,500 routes and 800 templates, and on a quarter of it.

    python -m tests.benchmarks.large [--keep FOLDER]

The app is made for it: blueprints with views that render templates, each of which extends its
section's layout, which extends the site's, and includes or imports a part. Seconds are those of the
processor, of all processes of a `conformance check` with one worker. Time is to grow no faster
than the app does: the ratio of what is added, not of what any run costs, is told.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any, NamedTuple

from .speed import ROOT

#: Routes and templates of the large app.
ROUTES, TEMPLATES = 1500, 800

#: Seconds of processor time that it may take.
MOST = 20.0

#: Views of a blueprint.
VIEWS = 25

CONFIG = """
app = "large:create_app"

[patterns.appfactories]
page = "/"
setting = "SITE_NAME"

[patterns.templateinheritance]
layout = "layout.html"
pages = ["/", "/section0/0"]
"""

APP = '''
"""An app of many blueprints."""
from flask import Blueprint, Flask, current_app, render_template

ROUTES, PAGES, VIEWS = {routes}, {pages}, {views}


def section(number, first, count):
    bp = Blueprint(f"section{{number}}", __name__, url_prefix=f"/section{{number}}")
    for index in range(count):
        view(bp, number, index, (first + index) % PAGES)
    return bp


def view(bp, number, index, template):
    name = f"pages/{{template}}.html"

    def show(**values):
        return render_template(name, number=number, items=range(3), **values)

    rules = (f"/{{index}}", f"/{{index}}/<int:item>", f"/{{index}}/<name>/edit")
    methods = ["GET", "POST"] if index % 3 == 2 else ["GET"]
    bp.add_url_rule(rules[index % 3], f"view{{index}}", show, methods=methods)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="generated", SITE_NAME="Large", MODE="quiet")
    app.config.from_mapping(config or {{}})

    @app.route("/")
    def home():
        return render_template("pages/0.html", number=0, items=[])

    app.context_processor(lambda: {{"site": current_app.config["SITE_NAME"]}})
    for number, first in enumerate(range(0, ROUTES - 1, VIEWS)):
        app.register_blueprint(section(number, first, min(VIEWS, ROUTES - 1 - first)))
    return app
'''

LAYOUT = """
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{% block title %}Home{% endblock %} - {{ site }}</title>
<link rel="stylesheet" href="{{ url_for('static', filename='style.css') }}">
{% block head %}{% endblock %}
</head>
<body>
<nav><a href="{{ url_for('home') }}">Home</a></nav>
<main>{% block content %}{% endblock %}</main>
<footer>{% block footer %}{{ site }}{% endblock %}</footer>
</body>
</html>
"""

SECTION = """
{% extends "layout.html" %}
{% block head %}{{ super() }}<meta name="section" content="NUMBER">{% endblock %}
"""

PAGE = """
{% extends "sections/SECTION.html" %}
{% from "parts/macros.html" import field %}
{% block title %}Page NUMBER{% endblock %}
{% block content %}
<h1>Page NUMBER</h1>
<ul>
{% for item in items %}
  <li class="{{ loop.cycle('odd', 'even') }}">{{ item }} of {{ number }}
  {% if item %}<a href="{{ url_for('home') }}">up</a>{% else %}<b>first</b>{% endif %}</li>
{% endfor %}
</ul>
{% include "parts/note.html" %}
<form method="post"><p>{{ field("text", "Text") }} {{ field("more", "More") }}</p></form>
{% endblock %}
"""

MACROS = """
{% macro field(name, label) %}
<label for="{{ name }}">{{ label }}</label><input id="{{ name }}" name="{{ name }}">
{% endmacro %}
"""


class Spent(NamedTuple):
    """What a run took: processor seconds, MiB of its largest process, the result."""

    seconds: float
    memory: float
    result: dict[str, Any]


def make(folder: Path, routes: int, templates: int) -> None:
    """Write an app and its configuration into a folder."""
    (folder / "conformance.toml").write_text(CONFIG)
    sections = max(1, templates // VIEWS)
    texts = {"layout.html": LAYOUT, "parts/macros.html": MACROS}
    texts["parts/note.html"] = "<p>A note.</p>"
    for number in range(sections):
        texts[f"sections/{number}.html"] = SECTION.replace("NUMBER", str(number))
    pages = templates - len(texts)
    app = APP.format(routes=routes, pages=pages, views=VIEWS)
    (folder / "large.py").write_text(app)
    for number in range(pages):
        page = PAGE.replace("SECTION", str(number % sections))
        texts[f"pages/{number}.html"] = page.replace("NUMBER", str(number))
    for name, text in texts.items():
        file = folder / "templates" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip())


def check(folder: Path) -> Spent:
    """Run the clauses on the app of a folder."""
    words = ("check", "-n", "1", "-p", "appfactories", "-p", "templateinheritance")
    # A process of its own, as the largest child of this one is the largest of all runs.
    asked = [
        sys.executable,
        "-m",
        "tests.benchmarks.large",
        "--run",
        *words,
        "--json",
        "result.json",
    ]
    done = subprocess.run(
        asked,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    seconds, memory = map(float, done.stdout.split()[-2:])
    return Spent(seconds, memory, json.loads((folder / "result.json").read_text()))


def run(words: list[str]) -> None:
    """Run `conformance` and print the processor seconds, and the MiB of the largest process."""
    done = subprocess.run([sys.executable, "-m", "conformance", *words], check=False)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"\n{done.returncode}", usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="Only write the app there.")
    parser.add_argument("--run", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    if given.run:
        run(given.run)
        return
    if given.keep:
        make(given.keep, ROUTES, TEMPLATES)
        return
    spent: list[Spent] = []
    for share in (4, 1):
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder), ROUTES // share, TEMPLATES // share)
            spent.append(check(Path(folder)))
        routes, templates = ROUTES // share, TEMPLATES // share
        print(f"{routes} routes, {templates} templates: {spent[-1].seconds:.1f} s of the processor, "
              f"{spent[-1].memory:.0f} MiB; verdicts {spent[-1].result['summary']}")  # fmt: skip
    small, large = spent
    print(
        f"target: {MOST:g} s; four times the app takes {large.seconds / small.seconds:.1f} times the time"
    )
    slow = sorted(large.result["clauses"], key=lambda clause: -clause["seconds"])[:12]
    print("dearest: " + ", ".join(f"{each['id']} {each['seconds']:.1f} s" for each in slow))


if __name__ == "__main__":
    main()
