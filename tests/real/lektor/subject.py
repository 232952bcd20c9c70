"""Lektor's administration, as `lektor server` makes it, each on a new site of one page."""

from __future__ import annotations

import tempfile
from pathlib import Path

from lektor.admin.webui import WebUI
from lektor.environment import Environment
from lektor.project import Project

SITE = {
    "demo.lektorproject": "[project]\nname = Demo\n",
    "content/contents.lr": "_model: page\n---\ntitle: Welcome\n",
    "models/page.ini": "[model]\nname = Page\n\n[fields.title]\nlabel = Title\ntype = string\n",
    "templates/page.html": "<!doctype html>\n<title>{{ this.title }}</title>\n<h1>{{ this.title }}</h1>\n",
}


def create_app() -> WebUI:
    site = Path(tempfile.mkdtemp())
    for name, text in SITE.items():
        file = site / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    environment = Environment(Project.from_path(site), load_plugins=False)
    return WebUI(environment, output_path=str(site / "built"))
