"""Packages, done right in other ways than the reference's."""

from __future__ import annotations

import itertools
import sys
import textwrap
from collections.abc import Mapping
from typing import Any

from conformance import Subject
from tests.proof import new_folder, variant

numbers = itertools.count()

FLIT = """
    [project]
    name = "NAME"
    version = "1.0"
    description = "A shop."
    dependencies = ["flask"]
    [build-system]
    requires = ["flit_core>=3.8,<4"]
    build-backend = "flit_core.buildapi"
    """

SETUPTOOLS = """
    [project]
    name = "NAME"
    version = "1.0"
    dependencies = ["flask"]
    [build-system]
    requires = ["setuptools>=70.1"]
    build-backend = "setuptools.build_meta"
    """


def package(
    files: Mapping[str, str],
    pyproject: str | None = None,
    *,
    app: str = "NAME",
    layout: str = "",
    **binding: Any,
) -> Subject:
    """A package of a name of its own, which NAME stands for, as the subject.

    With a `pyproject` its project is bound; else it is on the path.
    """
    name = f"shop_{next(numbers)}"
    folder = new_folder()
    texts = {f"{layout}{name}/{path}": text for path, text in files.items()}
    if pyproject is not None:
        texts["pyproject.toml"] = pyproject
        binding["project"] = str(folder)
    else:
        sys.path.append(str(folder))
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).replace("NAME", name))
    return Subject(app=app.replace("NAME", name), patterns={"packages": binding})


@variant
def factory_in_src() -> Subject:
    """A factory below `src`, built with flit; its parts' views are imported by the call alone."""
    return package(
        {
            "__init__.py": """
                import os
                from flask import Flask

                def create_app(test_config=None):
                    app = Flask(__name__, instance_relative_config=True)
                    app.config.from_mapping(SECRET_KEY=os.urandom(16))
                    app.config.update(test_config or {})
                    from . import auth, blog
                    app.register_blueprint(auth.bp)
                    app.register_blueprint(blog.bp)
                    # Another name for the same URL, without a view.
                    app.add_url_rule("/", endpoint="index")
                    return app
                """,
            "auth.py": """
                from flask import Blueprint, redirect, url_for
                bp = Blueprint("auth", __name__, url_prefix="/auth")

                @bp.get("/login")
                def login():
                    return "who are you?"

                @bp.post("/login")
                def log_in():
                    return redirect(url_for("index"))
                """,
            "blog.py": """
                from flask import Blueprint, redirect, render_template, url_for
                from . import auth
                bp = Blueprint("blog", __name__)

                @bp.get("/")
                def index():
                    return render_template("blog/index.html")

                @bp.get("/new")
                def create():
                    return redirect(url_for("auth.login"))
                """,
            "templates/blog/index.html": "{{ url_for('auth.login') }} {{ url_for('.index') }}",
            "static/style.css": "body {}",
        },
        FLIT,
        app="NAME:create_app",
        layout="src/",
    )


@variant
def app_in_a_module() -> Subject:
    """`Flask(__package__)` in a module; setuptools with package data; a blueprint to override."""
    return package(
        {
            "__init__.py": "from .web import app as app\n",
            "web.py": """
                from flask import Flask
                app = Flask(__package__)
                from . import views, wiki
                app.register_blueprint(wiki.bp, name="help", url_prefix="/help")
                app.register_blueprint(wiki.bp, url_prefix="/wiki")
                """,
            "views.py": """
                from flask import render_template
                from .web import app

                @app.route("/")
                def home():
                    return render_template("index.html")

                @app.route("/", methods=["POST"])
                def search():
                    return "nothing found"

                @app.route("/feed")
                def feed():
                    return (str(number) for number in iter(int, 1))

                @app.route("/gone")
                def gone():
                    return "gone", 410
                """,
            "wiki/__init__.py": """
                import flask
                bp = flask.Blueprint(
                    "wiki", __name__, template_folder="pages", static_folder="files"
                )

                @bp.route("/")
                def index():
                    return flask.render_template("wiki/index.html")
                """,
            "wiki/pages/wiki/index.html": "{{ url_for('.static', filename='wiki.css') }}",
            "wiki/files/wiki.css": "p {}",
            "templates/index.html": "home",
            "templates/wiki/index.html": "our own {{ url_for('wiki.index') }}",
            "static/style.css": "body {}",
        },
        SETUPTOOLS
        + """
    [tool.setuptools]
    packages = ["NAME", "NAME.wiki"]
    [tool.setuptools.package-data]
    NAME = ["templates/**", "static/**"]
    "NAME.wiki" = ["pages/**", "files/**"]
    """,
    )


@variant
def docs_with_more_around() -> Subject:
    """The docs' example, with modules that only work in an app's context, with a library, or not."""
    return package(
        {
            "__init__.py": """
                from flask import Flask
                app = Flask(__name__)
                application = app

                import NAME.views
                with app.app_context():
                    import NAME.dashboard
                """,
            "views.py": """
                from NAME import app

                @app.route("/")
                def index():
                    return "Hello World!"

                @app.route("/broken")
                def broken():
                    raise RuntimeError("no database")
                """,
            "dashboard.py": """
                from flask import current_app as app

                @app.route("/dashboard")
                def dashboard():
                    return "all is well"
                """,
            "ldap.py": "import a_library_that_is_not_here\n",
            "gunicorn.py": "from NAME import app\nbind = '127.0.0.1:0'\n",
            "__main__.py": "from . import app\napp.run()\n",
            "scripts/__init__.py": "",
            "scripts/serve.py": "from NAME import app\nraise SystemExit(app.run())\n",
            "scripts/loop.py": "while True: pass\n",
            "tests/test_app.py": "raise AssertionError\n",
            "migrations/env.py": "raise AssertionError\n",
        },
        skip=("*.scripts.loop",),
    )


@variant
def parts_of_parts() -> Subject:
    """Blueprints in blueprints, each a package with its templates; two apps, one beside the other."""
    part = """
        from flask import Blueprint, render_template, url_for
        bp = Blueprint("{0}", __name__, template_folder="templates", static_folder="static",
                       url_prefix="/{0}")

        @bp.get("/")
        def index():
            return render_template("{0}/index.html") + url_for(".index")
        """
    files = {
        "__init__.py": """
            from flask import Flask
            from werkzeug.middleware.dispatcher import DispatcherMiddleware
            from . import admin, api

            def register(app):
                app.register_blueprint(admin.bp)

            app = Flask(__name__)
            register(app)
            app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/api": api.app})
            """,
        "admin/__init__.py": part.format("admin")
        + """
        from . import users
        bp.register_blueprint(users.bp)
        """,
        "admin/users/__init__.py": part.format("users"),
        "api/__init__.py": "from flask import Flask\napp = Flask(__name__)\n",
    }
    for path, name in {"admin": "admin", "admin/users": "users"}.items():
        files[f"{path}/templates/{name}/index.html"] = name
        files[f"{path}/static/style.css"] = name
    return package(files, FLIT, app="NAME:app", apps=2)


@variant
def made_once_when_first_asked_for() -> Subject:
    """The app is made when it is first asked for; a lock lets one thread make it."""
    return package(
        {
            "__init__.py": """
                import threading
                from flask import Flask

                lock = threading.Lock()

                def __getattr__(name):
                    if name != "app":
                        raise AttributeError(name)
                    with lock:
                        if "app" not in globals():
                            made = Flask(__name__)
                            made.add_url_rule("/", "home", lambda: "home")
                            globals()["app"] = made
                    return globals()["app"]
                """
        },
        SETUPTOOLS,
        app="NAME:app",
    )


@variant
def app_beside_init() -> Subject:
    """`Flask(__name__)` in a module of the package; parts for some installations; libraries with a
    handler around them, and others that Flask brings along."""
    return package(
        {
            "__init__.py": "",
            "app.py": """
                import contextlib
                import importlib.util

                import jinja2
                import werkzeug
                from flask import Flask

                try:
                    import a_library_that_is_not_here
                except ImportError:
                    a_library_that_is_not_here = None

                try:
                    import celery
                except ImportError:
                    celery = None

                with contextlib.suppress(ImportError):
                    import redis

                if importlib.util.find_spec("mongoengine"):
                    import mongoengine

                try:
                    from . import local_settings as settings
                except ImportError:
                    settings = None

                try:
                    from .fast import total
                except ImportError:
                    from .slow import total

                try:
                    from ._speedups import twice
                except ImportError:
                    def twice(number):
                        return 2 * number

                app = Flask(__name__)
                from . import walks
                app.register_blueprint(walks.walks)
                """,
            "paths.py": "from . import walks\n",
            "slow.py": "def total():\n    return 120\n",
            "walks.py": """
                from flask import Blueprint, render_template
                from . import paths
                walks = Blueprint("walks", __name__)

                @walks.get("/")
                def home():
                    return render_template("index.html")
                """,
            "templates/index.html": "home",
            "static/style.css": "body {}",
        },
        FLIT,
        app="NAME.app",
    )


@variant
def apps_that_are_served() -> Subject:
    """An app for the pages, one below it that is mounted, and one more that a server would take."""
    return package(
        {
            "__init__.py": """
                from flask import Flask
                from werkzeug.middleware.dispatcher import DispatcherMiddleware
                from . import api

                def create_app():
                    app = Flask(__name__)
                    app.add_url_rule("/", "home", lambda: "home")
                    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/api": api.app})
                    return app

                application = create_app()
                """,
            "api.py": """
                from flask import Flask
                app = Flask(__name__)
                app.add_url_rule("/things", "things", lambda: [])
                """,
        },
        app="NAME:create_app",
    )
