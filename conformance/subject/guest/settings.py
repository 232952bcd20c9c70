"""Where the settings of a built app lead, and the line that gives the app its own instead."""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import inspect
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .rules import PORTS, SQL, Place, place_of, plain, scheme_of

#: The first bytes of an SQLite file.
_SQLITE = b"SQLite format 3\0"

#: Settings whose folder an app fills with its own files.
_FOLDERS = re.compile(r"UPLOAD|^SESSION_FILE_DIR$|^CACHE_DIR$|MEDIA_(ROOT|FOLDER|DIR)")

#: Settings that only name a host: the kind of server, and the setting of its port.
_HOSTS = {
    "CACHE_REDIS_HOST": ("redis", "CACHE_REDIS_PORT"),
    "REDIS_HOST": ("redis", "REDIS_PORT"),
    "MONGODB_HOST": ("mongodb", "MONGODB_PORT"),
    "MONGO_HOST": ("mongodb", "MONGO_PORT"),
}


@dataclasses.dataclass(frozen=True)
class Lead:
    """Something outside of the app's code that the app would write to.

    `kind` is a database, a folder, a broker, a cache or a server; `place` is its path or server.
    `setting` is the configuration key that leads there, or empty.
    """

    kind: str
    name: str
    setting: str = ""
    path: str = ""
    place: Place | None = None
    #: Whether an engine reported it, rather than the text of a setting.
    known: bool = False

    @property
    def top(self) -> str:
        """The top-level configuration key of the setting."""
        return self.setting.partition(".")[0]


def leads(app: object, bound: Iterable[str] = ()) -> list[Lead]:
    """Return where an app's engines and settings lead.

    `bound` are patterns whose harness replaces the app's server with its own.
    """
    flat = settings_of(app)
    found = [*_of_engines(app, flat), *of_settings(flat), *_of_mongoengine(flat)]
    if "sqlalchemy" in getattr(app, "extensions", {}):
        # Flask-SQLAlchemy's paths are relative to the instance folder, which its engines know.
        found = [each for each in found if not each.setting.startswith("SQLALCHEMY_") or each.known]
    skipped = {kind for slug, kind in _STOOD_IN.items() if slug in bound}
    kept: dict[object, Lead] = {}
    for lead in found:
        if lead.kind not in skipped:
            kept.setdefault(lead.path or lead.place, lead)
    return list(kept.values())


#: The kinds of servers that a pattern's harness replaces.
_STOOD_IN = {"celery": "broker", "caching": "cache", "mongoengine": "mongodb"}


def settings_of(app: object) -> list[tuple[str, Any]]:
    """Return the strings and numbers of an app's configuration, each with its key."""
    config = getattr(app, "config", None)
    return list(flattened(config)) if isinstance(config, Mapping) else []


def flattened(config: Mapping[object, object], prefix: str = "", depth: int = 3) -> Iterator[Any]:
    """Yield each string or number of a configuration with its key: `CELERY.broker_url`."""
    for key, value in list(config.items()):
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and depth:
            yield from flattened(value, f"{name}.", depth - 1)
        elif isinstance(value, os.PathLike):
            yield name, os.fspath(value)
        elif isinstance(value, str | int) and not isinstance(value, bool):
            yield name, value
        elif isinstance(value, list | tuple) and depth:
            yield from ((name, each) for each in value if isinstance(each, str))


def of_settings(flat: list[tuple[str, Any]]) -> Iterator[Lead]:
    """Yield where the strings of a configuration lead, judging by their form and their keys."""
    values = dict(flat)
    for key, value in flat:
        if not isinstance(value, str) or not value or len(value) > 1000:
            continue
        scheme = scheme_of(value)
        if scheme == "sqlite":
            if path := path_of(value):
                yield Lead("database", path, key, path)
        elif scheme == "file":
            continue
        elif scheme in PORTS and scheme not in ("http", "https", "ldap", "ldaps"):
            place = place_of(value)
            assert place is not None
            yield Lead(_kind(key, scheme), _without_password(value), key, place=place)
        elif not scheme and "\n" not in value:
            yield from _of_path(key, value)
        for name, (kind, port) in _HOSTS.items():
            if key == name and not scheme:
                server = dataclasses.replace(
                    place_of(value) or Place("localhost", None),
                    port=_port(values.get(port), kind),
                )
                yield Lead(_kind(key, kind), str(server), key, place=server)
    for key in ("CACHE_TYPE", "SESSION_TYPE"):
        kind = str(values.get(key, "")).lower()
        for name in ("redis", "memcached"):
            given = any(each.startswith(key.replace("TYPE", name.upper())) for each, _ in flat)
            if name in kind and not given:
                usual = Place("localhost", PORTS[name])
                yield Lead("cache", str(usual), key, place=usual)
    for key in ("MONGODB_SETTINGS", "MONGODB_DB"):
        if any(each == key or each.startswith(f"{key}.") for each, _ in flat):
            host = values.get(f"{key}.host", values.get("MONGODB_HOST", "localhost"))
            client = str(values.get(f"{key}.mongo_client_class", ""))
            if "mongomock" not in f"{host} {client}" and "://" not in str(host):
                number = _port(values.get(f"{key}.port", values.get("MONGODB_PORT")), "mongodb")
                server = Place(plain(str(host)), number)
                yield Lead("mongodb", str(server), key, place=server)


def _of_path(key: str, value: str) -> Iterator[Lead]:
    name = key.rpartition(".")[2]
    with contextlib.suppress(OSError, ValueError):
        path = os.path.realpath(value)
        if os.path.isdir(path):
            if _FOLDERS.search(name.upper()):
                yield Lead("folder", path, key, path)
        elif os.path.isfile(path) and is_sqlite(path):
            yield Lead("database", path, key, path)


def _of_engines(app: object, flat: list[tuple[str, Any]]) -> Iterator[Lead]:
    for url in _engine_urls(app):
        text = url.render_as_string(hide_password=False)
        if url.get_backend_name() == "sqlite":
            if path := path_of(text):
                yield Lead("database", path, key_of_path(flat, path), path, known=True)
        elif url.host or url.get_backend_name() in SQL:
            place = place_of(text)
            key = next((key for key, value in flat if value == text), "")
            yield Lead("database", _without_password(text), key, place=place, known=True)


def _engine_urls(app: Any) -> list[Any]:
    found = list(ENGINES)
    database: Any = getattr(app, "extensions", {}).get("sqlalchemy")

    def own() -> list[Any]:
        with app.app_context():
            return list(database.engines.values())

    # Whatever an extension of that name is, or raises: its connections are watched as well.
    with contextlib.suppress(Exception):
        found += contextvars.copy_context().run(own)
    return list(dict.fromkeys(each.url for each in found))


#: SQLAlchemy's engines, since the module `watch` first saw one.
ENGINES: Any = set()


def _of_mongoengine(flat: list[tuple[str, Any]]) -> Iterator[Lead]:
    module = sys.modules.get("mongoengine.connection")
    for settings in list(getattr(module, "_connection_settings", {}).values()):
        client = settings.get("mongo_client_class")
        if client is not None and "mongomock" in str(getattr(client, "__module__", "")):
            continue
        hosts = settings.get("host") or ["localhost"]
        for host in [hosts] if isinstance(hosts, str) else hosts:
            place = place_of(host)
            if place is None or "mongomock" in host:
                continue
            server = Place(
                place.host,
                place.port or _port(settings.get("port"), "mongodb"),
                settings.get("name") or place.database,
            )
            keys = [key for key, _ in flat if "MONGO" in key.upper()]
            key = keys[0].partition(".")[0] if keys else ""
            yield Lead("mongodb", f"{server}/{server.database}", key, place=server)


def path_of(url: str) -> str | None:
    """Return the file of an SQLite URL or path; None for an in-memory database."""
    if scheme_of(url) == "sqlite":
        text = urlsplit(url).path[1:]
        query = urlsplit(url).query
        if text.startswith("file:"):
            text, _, query = url.partition("file:")[2].partition("?")
        if "mode=memory" in query:
            return None
        url = text
    return None if url in ("", ":memory:") else os.path.realpath(url)


def is_sqlite(path: str) -> bool:
    """Check whether a file contains an SQLite database."""
    try:
        with open(path, "rb") as file:
            return file.read(16) == _SQLITE
    except OSError:
        return False


def key_of_path(flat: list[tuple[str, Any]], path: str) -> str:
    """Return the setting that leads to a path, or to a folder above it; empty if none does."""
    best = ("", "")
    for key, value in flat:
        if not isinstance(value, str) or not value or len(value) > 1000:
            continue
        scheme = scheme_of(value)
        if scheme not in ("", "sqlite", "file"):
            continue
        place = path_of(value.removeprefix("file://")) if os.sep in value or scheme else None
        # A path relative to a folder other than the working directory, such as the instance
        # folder.
        if path.endswith(os.sep + os.path.normpath(value.removeprefix("sqlite:///"))):
            place = path
        if place is not None and (path == place or path.startswith(place + os.sep)):
            best = max(best, (place, key))
    return best[1]


def key_of_server(flat: list[tuple[str, Any]], host: str, port: int | None) -> str:
    """Return the setting that leads to a server; empty if none does."""
    for key, value in flat:
        place = place_of(value) if isinstance(value, str) and len(value) < 1000 else None
        if place is not None and place.port == port and place.host == host and "://" in value:
            return key
    for lead in of_settings(flat):
        if lead.place is not None and (lead.place.host, lead.place.port) == (host, port):
            return lead.setting
    return ""


def remedy(lead: Lead, config: Mapping[object, object] | None) -> str:
    """Return the line that gives the app its own; empty if the kit knows none."""
    values = _own_values(lead, (config or {}).get(lead.top) if lead.setting else None)
    if not values:
        return ""
    inner = ", ".join(f"{_key(key)} = {_toml(value)}" for key, value in values.items())
    return f"config = {{ {inner} }}"


def _own_values(lead: Lead, value: object) -> dict[str, Any]:
    top, _, inner = lead.setting.partition(".")
    if not top:
        return {}
    if inner and isinstance(value, Mapping):
        # The whole table, since a factory may replace it with what it is passed.
        own = {key: each for key, each in value.items() if _is_plain(each)}
        part: Any = own
        *before, last = inner.split(".")
        for step in before:
            if not isinstance(part.get(step), Mapping):
                return {}
            part[step] = dict(part[step])
            part = part[step]
        for key, each in list(part.items()):
            if key == last or (isinstance(each, str) and _kind_of(each) == lead.kind):
                part[key] = _own_value(lead.kind, key, each)
        return {top: own} if part.get(last) is not None else {}
    if top in ("MONGODB_SETTINGS", "MONGODB_DB", "MONGODB_HOST", "MONGO_URI"):
        return {}
    if lead.kind == "cache":
        return _own_cache(top)
    own_value = _own_value(lead.kind, top, value)
    return {} if own_value is None else {top: own_value}


def _own_cache(key: str) -> dict[str, Any]:
    if key.startswith("SESSION"):
        return {"SESSION_TYPE": "filesystem", "SESSION_FILE_DIR": "{tmp}"}
    return {"CACHE_TYPE": "SimpleCache"} if key.startswith("CACHE") else {}


def _own_value(kind: str, key: str, value: object) -> str | None:
    if kind == "folder":
        return "{tmp}"
    if kind == "broker":
        if "RESULT" in key.upper():
            return "cache+memory://"
        return "memory://" if re.search("BROKER|RATELIMIT|LIMITER", key.upper()) else None
    if kind != "database" or not isinstance(value, str):
        return None
    if scheme_of(value) in SQL:
        name = (place_of(value) or Place("", None)).database or "test"
        return f"sqlite:///{{tmp}}/{os.path.basename(name)}.sqlite"
    path = path_of(value)
    name = os.path.basename(path) if path else "test.sqlite"
    return f"sqlite:///{{tmp}}/{name}" if scheme_of(value) == "sqlite" else f"{{tmp}}/{name}"


def takes_settings(factory: Any) -> bool:
    """Check whether a factory has a parameter that settings could be passed to."""
    try:
        return bool(inspect.signature(factory).parameters)
    except (TypeError, ValueError):
        return True


def _port(value: Any, scheme: str) -> int:
    return int(value) if str(value).isdigit() else PORTS[scheme]


def _kind(key: str, scheme: str) -> str:
    if scheme in SQL:
        return "database"
    if scheme == "mongodb":
        return "mongodb"
    if re.search("CACHE|SESSION", key.upper()) and "RESULT" not in key.upper():
        return "cache"
    if re.search("BROKER|CELERY|RESULT|RATELIMIT|LIMITER", key.upper()) or "amqp" in scheme:
        return "broker"
    return "server"


def _kind_of(value: str) -> str:
    scheme = scheme_of(value)
    if scheme in SQL or scheme == "sqlite":
        return "database"
    return "broker" if scheme in PORTS or scheme in ("db+sqlite", "rpc") else ""


def _without_password(url: str) -> str:
    return re.sub(r"(://[^/@:]*):[^/@]*@", r"\1@", url)


def _is_plain(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(map(_is_plain, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return isinstance(value, str | int | float | bool)


def _key(key: Any) -> str:
    return key if re.fullmatch(r"[\w-]+", str(key)) else json.dumps(str(key))


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value)


def quoted(text: str) -> str:
    """Return a string in TOML's notation."""
    return json.dumps(text, ensure_ascii=False)


def shown_path(path: str) -> str:
    """Return a path as a person would write it: relative to the working directory if below it."""
    try:
        return str(Path(path).relative_to(os.path.realpath(os.getcwd())))
    except (ValueError, OSError):
        return path
