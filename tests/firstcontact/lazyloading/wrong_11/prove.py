import sys

from flask import request, url_for
from werkzeug.routing import BuildError

from app import create_app
from gym.routing import Deferred

app = create_app()
assert "gym.courses" not in sys.modules
assert app.test_client().get("/courses/yoga").status_code == 200
import gym.courses
assert Deferred("gym.courses.show").__name__ != gym.courses.show.__name__
assert "gym.courses.show" in app.view_functions and "show" not in app.view_functions
with app.test_request_context("/courses/yoga"):
    # Flask takes the dots for blueprints that do not exist
    assert request.blueprint == "gym.courses" and not app.blueprints
    try:
        url_for("start")
    except BuildError:
        pass
    else:
        raise SystemExit("url_for should not know 'start'")
