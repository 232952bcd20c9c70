from flask import Flask, Request
from flask.config import Config


class ZeitungRequest(Request):
    max_form_parts = 20

    @property
    def wants_atom(self):
        return self.accept_mimetypes.best_match(["text/html", "application/atom+xml"]) == "application/atom+xml"


class Zeitung(Flask):
    request_class = ZeitungRequest
    config_class = Config


SETTINGS = {
    "live": {"PREFERRED_URL_SCHEME": "https", "EDITION": "Live"},
    "test": {"TESTING": True, "EDITION": "Test"},
}


def create_app(settings="live"):
    if settings not in SETTINGS:
        raise ValueError(f"settings must be one of {', '.join(SETTINGS)}")
    app = Zeitung(__name__)
    app.config.from_mapping(SETTINGS[settings])

    from zeitung.web import articles, cli, feeds

    articles.register(app)
    feeds.register(app)
    app.cli.add_command(cli.count)
    return app
