from importlib import import_module
from pkgutil import walk_packages

from flask import Flask
from flask_login import LoginManager, UserMixin

app = Flask(__name__)
app.secret_key = "a choir of mice"
login_manager = LoginManager(app)
login_manager.login_view = "login"


class Singer(UserMixin):
    def __init__(self, name):
        self.id = name


@login_manager.user_loader
def load(name):
    return Singer(name)


import choir.views  # noqa: E402

for found in walk_packages(choir.views.__path__, "choir.views."):
    import_module(found.name)
