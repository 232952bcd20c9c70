"""Application factories, done right in other ways than the reference's."""

from __future__ import annotations

import functools
import hashlib
import itertools
import os
import secrets
import time
import types
import weakref
from collections.abc import Mapping
from typing import Any, ClassVar

import flask
import flask_sqlalchemy
from sqlalchemy import text
from sqlalchemy.orm import DeclarativeBase

from conformance import Subject
from tests.proof import new_folder, variant

numbers = itertools.count()


def create_bare() -> flask.Flask:
    app = flask.Flask(__name__)
    app.add_url_rule("/", "home", lambda: "home")
    return app


@variant
def bare() -> Subject:
    """The smallest factory: no parameter, no extension, no key, nothing bound."""
    return Subject(app=f"{__name__}:create_bare")


@variant
def asks_where_temporary_files_are() -> Subject:
    """The module's defaults name a folder for temporary files, which Python finds out by trying."""
    file = new_folder() / f"temporary_{next(numbers)}.py"
    file.write_text(
        "import tempfile\nimport flask\n"
        "FOLDER = tempfile.gettempdir() + '/shop'\n"
        "def create_app(config=None):\n"
        "    app = flask.Flask(__name__)\n"
        "    app.config.from_mapping({'FOLDER': FOLDER, **(config or {})})\n"
        "    return app\n"
    )
    return Subject(app=f"{file}:create_app")


class Base(DeclarativeBase):
    pass


db = flask_sqlalchemy.SQLAlchemy(model_class=Base)


class Settings:
    """Settings as a class; what is shared is frozen."""

    LANGUAGES = ("en", "de")
    LIMITS = types.MappingProxyType({"items": 10})
    SQLALCHEMY_DATABASE_URI = "sqlite:///shop.db"

    def __init__(self) -> None:
        self.SECRET_KEY = os.environ.get("SHOP_SECRET_KEY") or secrets.token_hex()


def make_app(config: object = None) -> flask.Flask:
    app = flask.Flask(__name__)
    app.config.from_object(Settings())
    app.config.from_object(config)
    db.init_app(app)
    pages = flask.Blueprint("pages", __name__)
    pages.add_url_rule("/<path:name>", "page", lambda name: name, defaults={"name": "home"})
    pages.add_url_rule("/", "home", lambda: str(db.engine.url))
    app.register_blueprint(pages)
    return app


def engine_url() -> str:
    return str(db.engine.url)


@variant
def database() -> Subject:
    """`make_app` with settings as classes, Flask-SQLAlchemy, blueprints made for each app."""
    binding = {
        "setting": "SQLALCHEMY_DATABASE_URI",
        "page": "/",
        "probe": f"{__name__}:engine_url",
    }
    return Subject(
        app=f"{__name__}:make_app",
        config={"SQLALCHEMY_DATABASE_URI": "sqlite:///{tmp}/shop.db", "TESTING": True},
        patterns={"appfactories": binding},
    )


class Defaults:
    """Settings as a class that the factory has as its default."""

    LANGUAGES = ["en", "de"]  # noqa: RUF012
    SQLALCHEMY_DATABASE_URI = "sqlite:///shop.db"


def create_from_class(config_class: type = Defaults) -> flask.Flask:
    app = flask.Flask(__name__)
    app.config.from_object(config_class)
    app.config.setdefault("SECRET_KEY", secrets.token_hex())
    db.init_app(app)
    app.add_url_rule("/", "home", lambda: ", ".join(app.config["LANGUAGES"]))
    return app


def create_from_name(config_object: str = f"{__name__}.Defaults") -> flask.Flask:
    return create_from_class(config_object)  # type: ignore[arg-type]


def seed(app: flask.Flask) -> None:
    """Create a table, which a database can have only once."""
    with app.app_context():
        db.session.execute(text("CREATE TABLE seeded (id INTEGER)"))
        db.session.commit()


def seeded(factory: str) -> Subject:
    return Subject(
        app=f"{__name__}:{factory}",
        config={"SQLALCHEMY_DATABASE_URI": "sqlite:///{tmp}/shop.db", "TESTING": True},
        setup=f"{__name__}:seed",
    )


@variant
def handed_a_class() -> Subject:
    """The factory takes a class of settings, and each app's database is set up once."""
    return seeded("create_from_class")


@variant
def handed_a_name() -> Subject:
    """The factory takes an object of settings, by default the name of one."""
    return seeded("create_from_name")


def build(environment: str, *, test_config: Mapping[str, Any] | None = None) -> flask.Flask:
    """Make the app for an environment, "production" or "testing"."""
    app = flask.Flask(__name__, instance_relative_config=True)
    app.config.from_pyfile("settings.py", silent=True)
    app.config["SITE_NAME"] = environment
    app.config["DATABASE"] = os.path.join(app.instance_path, "shop.sqlite")
    app.config["EXPORTS"] = os.path.join(os.getcwd(), "exports")
    app.config.update(test_config or {})
    if not app.config["SECRET_KEY"] and environment == "production":
        raise RuntimeError("set SECRET_KEY")
    with app.app_context():
        app.add_url_rule("/", "home", lambda: flask.current_app.config["SITE_NAME"])
    return app


@variant
def with_an_argument() -> Subject:
    """A factory of another name, with an argument in the reference, that refuses without a key."""
    return Subject(app=f"{__name__}:build('testing')")


@variant
def partial() -> Subject:
    """The factory for production as a partial, handed the key that it demands."""
    return Subject(
        app=functools.partial(build, "production"),
        config={"SECRET_KEY": secrets.token_hex()},
        patterns={"appfactories": {"setting": "SITE_NAME", "page": "/"}},
    )


@variant
def app_object() -> Subject:
    """An app object, where no factory is asked for."""
    app = flask.Flask("shop")
    app.add_url_rule("/", "home", lambda: "home")
    return Subject(app=app)


@variant
def extension_makes_something_of_it() -> Subject:
    """An extension keeps, for each app, what it made of a setting, which does not have its text."""
    states: weakref.WeakKeyDictionary[flask.Flask, str] = weakref.WeakKeyDictionary()

    def create_app(config: Mapping[str, Any] | None = None) -> flask.Flask:
        app = flask.Flask("shop")
        app.config.from_mapping({"ZONE": "Berlin", **(config or {})})
        states[app] = hashlib.sha256(app.config["ZONE"].encode()).hexdigest()
        return app

    def probe() -> str:
        return states[flask.current_app._get_current_object()]  # type: ignore[attr-defined]

    binding = {"setting": "ZONE", "probe": probe}
    return Subject(app=create_app, patterns={"appfactories": binding})


class Derived:
    """Settings of which one is read when it is first asked for, and kept."""

    SITE_NAME = "Shop"

    def __getattr__(self, name: str) -> str:
        if name != "REVISION":
            raise AttributeError(name)
        self.REVISION = hashlib.sha256(self.SITE_NAME.encode()).hexdigest()
        return self.REVISION

    @functools.cached_property
    def TITLE(self) -> str:  # noqa: N802
        return f"Welcome to {self.SITE_NAME}"


derived = Derived()
made = itertools.count(1)


@functools.cache
def started() -> float:
    return time.time()


def create_from_derived(config: Mapping[str, Any] | None = None) -> flask.Flask:
    app = flask.Flask(__name__)
    app.config.from_object(derived)
    app.config["STARTED"] = started()
    app.config["MADE_AT"] = int(time.time())
    app.config["NUMBER"] = next(made)
    app.config.from_mapping(config or {})
    app.add_url_rule("/", "home", lambda: derived.REVISION)
    app.jinja_env.globals["revision"] = derived.REVISION
    return app


@variant
def settings_derived() -> Subject:
    """Settings that are made when first asked for, that say when and as which an app was made."""
    return Subject(app=f"{__name__}:create_from_derived")


@variant
def constants_and_frozen_settings() -> Subject:
    """A list in a class of settings that everybody reads; what is handed in is frozen."""

    class Constants:
        SHOP = "Kiln Lane"
        CLOSED_ON: ClassVar[list[str]] = ["Monday", "Tuesday"]

    def frozen(value: Any) -> Any:
        if isinstance(value, dict):
            return types.MappingProxyType({key: frozen(item) for key, item in value.items()})
        return tuple(map(frozen, value)) if isinstance(value, list) else value

    def create_app(config: Mapping[str, Any] | None = None) -> flask.Flask:
        app = flask.Flask("shop")
        app.config.from_object(Constants)
        app.config.from_mapping({key: frozen(value) for key, value in (config or {}).items()})
        app.add_url_rule("/", "home", lambda: ", ".join(app.config["CLOSED_ON"]))
        return app

    return Subject(app=create_app, patterns={"appfactories": {"setting": "SHOP"}})


class Shelf:
    """Where an app keeps what it has made once, by the path of its database."""

    secrets: ClassVar[dict[str, str]] = {}

    @classmethod
    def secret(cls, path: str) -> str:
        return cls.secrets.setdefault(path, secrets.token_hex())


@variant
def key_kept_in_the_store() -> Subject:
    """The key that signs is made once, kept in the app's own store, and no setting."""

    def create_app(config: Mapping[str, Any] | None = None) -> flask.Flask:
        app = flask.Flask("shop")
        app.config["STORE"] = "shop.db"
        app.config.from_mapping(config or {})
        app.secret_key = Shelf.secret(app.config["STORE"])
        app.add_url_rule("/", "home", lambda: "home")
        return app

    return Subject(app=create_app, config={"STORE": "{tmp}/shop.db"})


@variant
def key_derived() -> Subject:
    """The key that signs is made of the one that was handed in and of who may do what."""

    def create_app(config: Mapping[str, Any] | None = None) -> flask.Flask:
        app = flask.Flask("shop")
        app.config.from_mapping(SECRET_KEY="", RIGHTS="read")
        app.config.from_mapping(config or {})
        mixed = (app.config["SECRET_KEY"] or secrets.token_hex()) + app.config["RIGHTS"]
        app.config["SECRET_KEY"] = hashlib.sha256(mixed.encode()).hexdigest()
        app.add_url_rule("/", "home", lambda: "home")
        return app

    return Subject(app=create_app)


def create_from_object(settings: object = None) -> flask.Flask:
    app = flask.Flask(__name__)
    app.config["STORE"] = "/conformance/nowhere/shop.db"
    app.config.from_object(settings)
    # Where the settings are not attributes, there is no store.
    open(app.config["STORE"], "a").close()
    app.add_url_rule("/", "home", lambda: "home")
    return app


@variant
def handed_an_object() -> Subject:
    """What is handed in goes to `from_object`, which makes nothing of a mapping."""
    return Subject(app=f"{__name__}:create_from_object", config={"STORE": "{tmp}/shop.db"})
