from collections import deque

from flask import Flask


def create_app():
    app = Flask(__name__)
    app.config.from_mapping(BATCH=50, SENDER="news@example.org")
    app.config.from_prefixed_env("NEWSLETTER")
    app.extensions["outbox"] = deque()

    from newsletter.views import bp

    app.register_blueprint(bp)
    return app


app = create_app()

from newsletter import jobs  # noqa: E402,F401
