import tomllib
from pathlib import Path

from flask import Flask

from ledger.lazy import lazy_view

HERE = Path(__file__).parent


def create_app():
    app = Flask("ledger")
    app.jinja_env.trim_blocks = True
    with open(HERE / "urls.toml", "rb") as f:
        for entry in tomllib.load(f)["url"]:
            app.add_url_rule(entry["rule"], view_func=lazy_view(entry["view"]))
    return app
