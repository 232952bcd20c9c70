"""A large application as a package.

Everything that the application is lies in this folder: code, templates, static files.
The project's `pyproject.toml` is beside the folder. Once it is installed, with
`pip install -e .` for development, `flask --app guestbook run` finds the application
from anywhere.
"""

from __future__ import annotations

from flask import Flask

from . import entries

# Here `__name__` is the package's name: Flask finds `templates` and `static` in its folder.
app = Flask(__name__)

# A blueprint knows no application, so it can be imported before there is one.
app.register_blueprint(entries.bp)

# These views are decorated with the application, which they import from here. They are
# imported for nothing else, and only now: the circle of the two imports does no harm.
from . import views  # noqa: E402, F401
