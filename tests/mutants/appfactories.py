"""Application factories, each with one believable mistake."""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import flask
from flask.json.provider import DefaultJSONProvider
from werkzeug.middleware.proxy_fix import ProxyFix

import reference.appfactories
from conformance import Subject
from reference.appfactories import Site
from tests.proof import mutant, new_folder

Config = Mapping[str, Any] | None

DEFAULTS = Path(reference.appfactories.__file__).with_name("defaults.cfg")

numbers = itertools.count()


def subject(create_app: Any, **binding: Any) -> Subject:
    return Subject(app=create_app, patterns={"appfactories": binding})


def changed(change: Callable[[flask.Flask], object], **binding: Any) -> Subject:
    """The reference, after a change of each app."""

    def create_app(config: Config = None) -> flask.Flask:
        app = reference.appfactories.create_app(config)
        change(app)
        return app

    return subject(create_app, **binding)


def module(text: str, **binding: Any) -> Subject:
    """A factory in a file of its own, which a new interpreter can import."""
    folder = new_folder()
    file = folder / f"factory_{next(numbers)}.py"
    file.write_text("import flask\n" + text)
    (folder / "shop.cfg").write_text('SITE_NAME = "Shop"\n')
    return subject(f"{file}:create_app", **binding)


@mutant("fresh-instance", says="the same object twice")
def one_app() -> Subject:
    """The app is made once, and given again at every call."""
    app = reference.appfactories.create_app()

    def create_app(config: Config = None) -> flask.Flask:
        app.config.from_mapping(config or {})
        return app

    return subject(create_app)


@mutant("config-isolation", says="and nothing of another")
def defaults_remember() -> Subject:
    """What one call is handed becomes the default of the next."""
    settings: dict[str, Any] = {}

    def create_app(config: Config = None) -> flask.Flask:
        handed = {**settings, **(config or {})}
        settings.update(config or {})
        return reference.appfactories.create_app(handed)

    return subject(create_app)


@mutant("config-isolation", says="to stay while others are created", also=["no-shared-mutables"])
def menu_grows() -> Subject:
    """Each app appends to a list at module level."""
    menu: list[str] = []

    def change(app: flask.Flask) -> None:
        app.config["MENU"] = menu
        menu.append("home")

    return changed(change)


@mutant("no-shared-mutables", says="app.config['LANGUAGES']['shown'] to be a separate",
        also=["config-isolation"])  # fmt: skip
def settings_shared() -> Subject:
    """A list of a configuration class is in every app, and what one is asked for is added."""

    class Settings:
        shown: ClassVar = ["en", "de"]

    def change(app: flask.Flask) -> None:
        app.config["LANGUAGES"] = {"shown": Settings.shown}
        app.before_request(lambda: Settings.shown.append(flask.request.path))

    return changed(change)


@mutant("config-isolation", says="Provider.sort_keys changed from")
def setting_on_a_class() -> Subject:
    """A setting is put on the class of the app's JSON provider, which all apps have."""

    class Provider(DefaultJSONProvider):
        pass

    def create_app(config: Config = None) -> flask.Flask:
        app = reference.appfactories.create_app({"SORT_KEYS": True, **(config or {})})
        app.json = Provider(app)
        Provider.sort_keys = app.config["SORT_KEYS"]
        return app

    return subject(create_app)


@mutant("no-shared-mutables", says="app.extensions['menu'] to be a separate")
def state_shared() -> Subject:
    """An extension's state is the same dict for each app."""
    state: dict[str, str] = {}
    return changed(lambda app: app.extensions.update(menu=state))


@mutant("extension-unbound", says="the extension to use SITE_NAME 'conformance-0000'")
def extension_keeps_the_app() -> Subject:
    """The extension keeps what it read of the app on itself."""

    class Bound(Site):
        name = ""

        def init_app(self, app: flask.Flask) -> None:
            self.name = app.config["SITE_NAME"]

        def title(self) -> str:
            return self.name

    site = Bound()
    return changed(site.init_app, setting="SITE_NAME", probe=site.title)


@mutant("config-override-before-init", says="in init_app")
def override_after_init() -> Subject:
    """The caller's settings are applied when everything has been set up."""

    def create_app(config: Config = None) -> flask.Flask:
        app = reference.appfactories.create_app()
        app.config.from_mapping(config or {})
        return app

    return subject(create_app, setting="SITE_NAME")


@mutant(
    "config-override-before-init", says="SQLALCHEMY_DATABASE_URI was read as 'sqlite:///shop.db'"
)
def engine_of_the_real_database() -> Subject:
    """The database extension is set up before the caller's database is known."""
    import flask_sqlalchemy

    db = flask_sqlalchemy.SQLAlchemy()

    def create_app(config: Config = None) -> flask.Flask:
        app = flask.Flask(__name__)
        app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"
        db.init_app(app)
        app.config.from_mapping(config or {})
        return app

    return subject(create_app)


@mutant("config-override-wins", says="SITE_NAME to be 'conformance-0001'")
def file_wins() -> Subject:
    """The file is loaded after the caller's settings."""
    return changed(lambda app: app.config.from_pyfile(str(DEFAULTS)), setting="SITE_NAME")


@mutant("config-override-wins", says="as passed in")
def settings_dropped() -> Subject:
    """The caller's settings decide which file is read, and are not applied."""

    def create_app(test_config: Config = None) -> flask.Flask:
        app = reference.appfactories.create_app()
        if test_config is not None:
            app.config["TESTING"] = True
        return app

    return subject(create_app)


@mutant("blueprints-per-instance", says="to have the first's blueprints: ['pages']")
def registered_once() -> Subject:
    """A flag keeps the blueprint from being registered twice."""
    return module(
        """
pages = flask.Blueprint("pages", __name__)
pages.add_url_rule("/", "home", lambda: "home")
registered = False

def create_app():
    global registered
    app = flask.Flask(__name__)
    if not registered:
        app.register_blueprint(pages)
        registered = True
    return app
"""
    )


@mutant("blueprints-per-instance", says="1 extra: /page1", also=["cli-detects"])
def routes_pile_up() -> Subject:
    """Each call adds its route to a list at module level, and registers the whole list."""
    return module(
        """
paths = []

def create_app():
    app = flask.Flask(__name__)
    if len(paths) < 5:
        paths.append(f"/page{len(paths)}")
    for path in paths:
        app.add_url_rule(path, path, str)
    return app
"""
    )


def global_settings(app: flask.Flask, last: dict[str, Any]) -> None:
    last["config"] = app.config
    app.view_functions["appfactories.index"] = lambda: last["config"]["SITE_NAME"]


@mutant("current-app-in-blueprint", says="with SITE_NAME 'conformance-0000' to show it")
def global_config() -> Subject:
    """A blueprint's view reads the configuration that a module keeps in a global."""
    last: dict[str, Any] = {}
    return changed(
        lambda app: global_settings(app, last), page="/appfactories/", setting="SITE_NAME"
    )


@mutant("current-app-in-blueprint", says="those of another app: SITE_NAME was read")
def global_config_unbound() -> Subject:
    """The same, where no page is bound that shows it."""
    last: dict[str, Any] = {}
    return changed(lambda app: global_settings(app, last))


@mutant("cli-detects", says="flask took the object 'app' in the module", also=["import-inert"])
def another_app_is_found() -> Subject:
    """An app object from before the factory is left over in its module."""
    return module(
        """
app = flask.Flask(__name__)

def create_app(config=None):
    app = flask.Flask(__name__)
    app.config.from_mapping(config or {})
    app.add_url_rule("/", "home", lambda: "home")
    return app
"""
    )


@mutant("cli-detects", says="the factory to get what flask --app")
def arguments_dropped() -> Subject:
    """Where it is called without a test's module loaded, the factory ignores its arguments."""
    return module(
        """
import sys

def create_app(config=None):
    app = flask.Flask(__name__)
    if "pytest" in sys.modules:
        app.config.from_mapping(config or {})
    return app
"""
    )


@mutant("callable-without-args", says="neither for settings")
def argument_required() -> Subject:
    """The factory wants its settings, and does not say so."""

    def create_app(settings: Mapping[str, Any]) -> flask.Flask:
        return reference.appfactories.create_app(settings)

    return subject(create_app)


@mutant("import-inert", says="made a Flask app (")
def app_at_import() -> Subject:
    """The module of the factory makes an app for the server."""
    return module(
        """
def create_app(config=None):
    app = flask.Flask(__name__)
    app.config.from_mapping(config or {})
    return app

app = create_app()
"""
    )


@mutant("import-inert", says="wrote import.log (")
def log_at_import() -> Subject:
    """Logging to a file is set up by the import."""
    return module(
        """
import logging, pathlib
log = logging.FileHandler(pathlib.Path(__file__).with_name("import.log"))

def create_app():
    return flask.Flask(__name__)
"""
    )


@mutant("config-path-stable", says="No such file or directory")
def relative_file() -> Subject:
    """The configuration file is opened by a path from where the server was started."""
    return module(
        f"""
import os

def create_app():
    app = flask.Flask(__name__)
    app.config.from_pyfile(os.path.abspath({os.path.relpath(DEFAULTS)!r}))
    return app
"""
    )


@mutant("config-path-stable", says="SITE_NAME to be 'Reference' in any directory")
def relative_file_silent() -> Subject:
    """The same, and where the file is not found a default takes its place."""
    return module(
        f"""
import os

def create_app():
    app = flask.Flask(__name__)
    app.config["SITE_NAME"] = "default"
    app.config.from_pyfile(os.path.abspath({os.path.relpath(DEFAULTS)!r}), silent=True)
    return app
"""
    )


@mutant("later-apps-answer", says="GET /notes not to fail in the second app")
def tables_once() -> Subject:
    """Tables are created for the first app alone, and each has a database in memory."""
    return module(
        """
import sqlite3

_created = False

def create_app():
    global _created
    app = flask.Flask(__name__)
    database = app.extensions["database"] = sqlite3.connect(
        ":memory:", check_same_thread=False
    )
    if not _created:
        database.execute("CREATE TABLE notes (text TEXT)")
        _created = True

    @app.get("/notes")
    def notes():
        return {"notes": database.execute("SELECT text FROM notes").fetchall()}

    return app
"""
    )


@mutant("calls-alike", says="VERSION to be missing in the second app")
def settings_stamped() -> Subject:
    """A call writes into the class of settings that the next one reads."""
    return module(
        """
class Settings:
    SITE_NAME = "Shop"

def create_app():
    app = flask.Flask(__name__)
    app.config.from_object(Settings)
    Settings.VERSION = 52
    return app
"""
    )


@mutant("calls-alike", says="PAGE_SIZE to be 20 in the second app")
def defaults_used_up() -> Subject:
    """A call takes a default out of the table that all calls share."""
    return module(
        """
DEFAULTS = {"SITE_NAME": "Shop", "PAGE_SIZE": 20}

def create_app():
    app = flask.Flask(__name__)
    app.config["PAGE_SIZE"] = DEFAULTS.pop("PAGE_SIZE", 10)
    app.config.update(DEFAULTS)
    return app
"""
    )


@mutant("config-file-required", says="to raise without shop.cfg")
def silent_file() -> Subject:
    """A missing file is passed over."""
    return module(
        """
def create_app():
    app = flask.Flask(__name__)
    app.config.from_pyfile("shop.cfg", silent=True)
    return app
""",
        config_file="shop.cfg",
    )


@mutant("middleware-on-wsgi-app", says="a ProxyFix without test_client, cli, config")
def wraps_the_app() -> Subject:
    """Middleware is put around the app object, not around its WSGI callable."""

    def create_app() -> Any:
        return ProxyFix(reference.appfactories.create_app())

    return subject(create_app)


@mutant("setup-complete", says="no setup during a request")
def registers_late() -> Subject:
    """The first request registers a blueprint."""

    def change(app: flask.Flask) -> None:
        late = flask.Blueprint("late", __name__)

        @app.before_request
        def first() -> None:
            if "late" not in app.blueprints:
                app.register_blueprint(late)

    return changed(change)


@mutant("setup-complete", says="app.after_request_funcs to be the same")
def hooks_pile_up() -> Subject:
    """A view adds a hook that is meant for its own answer."""

    def change(app: flask.Flask) -> None:
        @app.get("/once")
        def once() -> str:
            hooks = app.after_request_funcs.setdefault(None, [])
            hooks.append(lambda response: response)
            return "once"

    return changed(change)


@mutant("factory-no-context-leak", says="left an app context pushed (")
def context_pushed() -> Subject:
    """The factory pushes a context and leaves it."""
    return module(
        """
def create_app():
    app = flask.Flask(__name__)
    app.app_context().push()
    return app
"""
    )


@mutant("factory-no-context-leak", says="started the thread poller")
def thread_started() -> Subject:
    """The factory starts a thread that works beside the app."""
    return module(
        """
import threading

def create_app():
    threading.Thread(target=str, name="poller").start()
    return flask.Flask(__name__)
"""
    )


@mutant("concurrent-creation", says="that threads create at the same time to")
def app_in_a_global() -> Subject:
    """The app that is being made waits in a global for its blueprints."""
    making: dict[str, flask.Flask] = {}

    def create_app(config: Config = None) -> flask.Flask:
        making["app"] = app = flask.Flask(__name__)
        app.config.from_mapping(config or {})
        making["app"].add_url_rule("/", "home", str)
        return app

    return subject(create_app)


@mutant("concurrent-creation", says="that threads create at the same time to")
def app_kept_by_its_class() -> Subject:
    """A class of apps keeps the one that is being made."""

    class Shop(flask.Flask):
        current: Any = None

        def make_config(self, instance_relative: bool = False) -> flask.Config:
            Shop.current = self
            return super().make_config(instance_relative)

    def create_app(config: Config = None) -> flask.Flask:
        app = Shop(__name__)
        app.config.from_mapping(config or {})
        Shop.current.add_url_rule("/", "home", str)
        return app

    return subject(create_app)


@mutant("concurrent-creation", says="create at the same time to be complete")
def one_makes_the_table() -> Subject:
    """Whoever comes while another app makes its table fails."""
    making: list[int] = []

    def create_app(config: Config = None) -> flask.Flask:
        if making:
            raise RuntimeError("the table exists already")
        making.append(1)
        try:
            app = flask.Flask(__name__)
            app.config.from_mapping(config or {})
            app.add_url_rule("/", "home", str)
        finally:
            making.clear()
        return app

    return subject(create_app)


@mutant("secret-not-default", says="the key is in the source of the module tests.mutants.app")
def key_for_development() -> Subject:
    """A key for development is the default everywhere."""

    def create_app(config: Config = None) -> flask.Flask:
        return reference.appfactories.create_app({"SECRET_KEY": "dev", **(config or {})})

    return subject(create_app)


@mutant("nothing-piles-up", says="handlers of the logger 'observatory'")
def handlers_pile_up() -> Subject:
    """Each instance adds a handler to a logger that all of them have."""
    return changed(lambda app: logging.getLogger("observatory").addHandler(logging.NullHandler()))
