from flask import Flask, request
from flask_login import current_user

from clubhouse.helpers import lazy
from clubhouse.people import login


def create_app():
    app = Flask("clubhouse")
    app.config.update(SECRET_KEY="for development only")
    login.init_app(app)

    @app.before_request
    def members_only():
        if request.path.startswith("/club/members") and not current_user.is_authenticated:
            return login.unauthorized()

    for rule, target, methods in (
        ("/club/", "clubhouse.public:welcome", None),
        ("/club/opening-hours.txt", "clubhouse.public:hours", None),
        ("/club/login", "clubhouse.account:sign_in", ["GET", "POST"]),
        ("/club/logout", "clubhouse.account:sign_out", ["POST"]),
        ("/club/members/", "clubhouse.members:directory", None),
    ):
        app.add_url_rule(rule, view_func=lazy(target), methods=methods)
    return app
