from flask import Flask

from gym.routing import Routes


def create_app(test_config=None):
    app = Flask(__name__, instance_relative_config=True)
    app.config.from_mapping(SECRET_KEY="change me")
    if test_config is not None:
        app.config.update(test_config)

    routes = Routes(app, "gym")
    routes.get("pages.start", "/")
    routes.get("courses.index", "/courses/")
    routes.get("courses.show", "/courses/<slug>")
    routes.get("trainers.show", "/trainers/<slug>")
    return app
