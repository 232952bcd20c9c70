from flask import Flask

app = Flask(__name__)
app.config["SECRET_KEY"] = "change me"

from guestbook import api, views  # noqa: E402,F401
