from flask import Flask

from forum.extensions import csrf, login_manager

app = Flask(__name__)
app.config["SECRET_KEY"] = "dev"
csrf.init_app(app)
login_manager.init_app(app)

import forum.account  # noqa: E402
import forum.views  # noqa: E402,F401
