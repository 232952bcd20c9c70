"""Who brings what."""
from flask import Flask

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 16_000

from potluck import dishes, guests  # noqa: E402,F401
