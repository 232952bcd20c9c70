import os

from flask import Flask

app = Flask(__name__)
app.config.from_mapping(SECRET_KEY=os.environ.get("SECRET_KEY", "herb-dev"), MAX_CONTENT_LENGTH=64_000)
