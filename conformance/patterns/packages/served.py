"""What the app of a package serves: pages, templates and files, from wherever it is started."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock
from urllib.parse import urlsplit

import flask
import jinja2
from werkzeug.routing import BuildError

from ...core.told import where
from ...transports import Request
from ...transports.wsgi import WSGIServer
from .binding import Look

if TYPE_CHECKING:
    from flask.sansio.scaffold import Scaffold

#: Files that are served as they are, rather than sources that they are made from.
STATIC = (".css", ".js", ".ico", ".png", ".svg", ".jpg", ".txt", ".html")


def hidden(app: flask.Flask) -> Iterator[str]:
    """Describe the views that no URL reaches because another view has the same one."""
    first: dict[tuple[object, ...], tuple[str, object]] = {}
    for rule in app.url_map.iter_rules():
        view = app.view_functions.get(rule.endpoint)
        # A rule without a view only builds URLs.
        if view is None or rule.build_only or rule.alias or rule.redirect_to is not None:
            continue
        # Static files that are shadowed have a clause of their own.
        if rule.endpoint.rpartition(".")[2] == "static":
            continue
        # Arguments match alike whatever their names.
        shape = re.sub(r"<(?:([^>]*?):)?\w+>", lambda m: f"<{m[1] or 'default'}>", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            key = rule.host, rule.subdomain, shape, method, rule.websocket
            endpoint, other = first.setdefault(key, (rule.endpoint, view))
            if other is not view:
                yield f"{method} {rule.rule} is {endpoint} and shadows {rule.endpoint}"


def _files(folder: str | os.PathLike[str] | None) -> list[str]:
    if folder is None or not Path(folder).is_dir():
        return []
    return sorted(
        file.relative_to(folder).as_posix()
        for file in Path(folder).rglob("*")
        if file.is_file() and not file.name.startswith(".") and file.suffix != ".pyc"
    )


def _template_folder(holder: Scaffold) -> str | None:
    folder = holder.template_folder
    return None if folder is None else os.path.join(str(holder.root_path), folder)


def static_files(app: flask.Flask) -> dict[str, Path]:
    """Return one file of each static folder, by URL."""
    found = {}
    with app.test_request_context():
        for endpoint, holder in [
            ("static", app),
            *((f"{name}.static", blueprint) for name, blueprint in app.blueprints.items()),
        ]:
            files = _files(holder.static_folder) if endpoint in app.view_functions else []
            files.sort(key=lambda name: not name.endswith(STATIC))
            if files and holder.static_folder is not None:
                url = urlsplit(flask.url_for(endpoint, filename=files[0])).path
                found[url] = Path(holder.static_folder, files[0])
    return found


def lost_assets(app: flask.Flask, name: str, blueprint: Scaffold) -> Iterator[str]:
    """Describe the templates and static files of a blueprint that cannot be reached."""
    folder = _template_folder(blueprint)
    if folder is not None and not Path(folder).is_dir():
        yield f"the blueprint {name} has no folder {blueprint.template_folder}"
    for template in _files(folder):
        loader = app.jinja_env.loader
        if loader is None:
            break
        try:
            # Some loaders get the theme from the request.
            with app.test_request_context():
                _, file, _ = loader.get_source(app.jinja_env, template)
        except jinja2.TemplateNotFound:
            yield f"{template} of the blueprint {name} is not found"
            continue
        except (UnicodeDecodeError, OSError):
            continue
        # The app's own templates may override a blueprint's.
        right = (folder, _template_folder(app))
        if file and not any(
            at and os.path.realpath(file) == os.path.realpath(os.path.join(at, template))
            for at in right
        ):
            other = "/".join(Path(file).parts[-3:])
            yield f"{template} of the blueprint {name} is shadowed by {other}"
    static = blueprint.static_folder
    if static is not None and not Path(static).is_dir():
        yield f"the blueprint {name} has no folder {Path(static).name}"
    for file in _files(static)[:1]:
        with app.test_request_context():
            url = urlsplit(flask.url_for(f"{name}.static", filename=file)).path
        served = _served(app, url)
        if static is not None and served != _hash(Path(static, file).read_bytes()):
            # A status other than 404 may come from a hook that denies access.
            if len(served) < 10 and served != "404":
                continue
            came = served if served == "404" else "another file"
            yield f"GET {url}, the blueprint {name}'s file, returns {came}"


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _served(app: flask.Flask, url: str) -> str:
    answer = WSGIServer(app).send(Request.build("GET", url))
    return _hash(answer.body) if answer.status == 200 else str(answer.status)


def look(app: flask.Flask, paths: Sequence[str], urls: Sequence[str]) -> Look:
    """Request pages and static files from an app, and return them with what it has on disk."""
    raised: list[str] = []
    places: dict[str, str] = {}
    handle = flask.Flask.handle_user_exception

    def see(self: flask.Flask, error: Exception) -> object:
        if isinstance(error, jinja2.TemplateNotFound | BuildError):
            text = str(error).strip().partition("\n")[0]
            raised.append(f"{type(error).__name__}: {text}")
            places.setdefault(flask.request.path, where(error))
        elif isinstance(error, FileNotFoundError):
            # Without a path that differs elsewhere.
            name = str(error.filename or "")
            relative = name and not os.path.isabs(name)
            raised.append(f"FileNotFoundError: {name!r}" if relative else "FileNotFoundError")
        return handle(self, error)

    server = WSGIServer(app)
    pages = {}
    with mock.patch.object(flask.Flask, "handle_user_exception", see):
        for path in paths:
            raised.clear()
            try:
                # A streaming view may never end.
                with contextlib.closing(server.stream(Request.build("GET", path))) as stream:
                    answer = str(stream.status)
            except Exception as error:
                answer = type(error).__name__
            pages[path] = raised[0] if raised else answer
    folders = {_template_folder(holder) for holder in (app, *app.blueprints.values())}
    module = sys.modules.get(app.import_name)
    return {
        "file": os.path.realpath(getattr(module, "__file__", None) or ""),
        "pages": pages,
        "templates": sorted({name for folder in folders for name in _files(folder)}),
        "statics": {url: _hash(path.read_bytes()) for url, path in static_files(app).items()},
        "served": {url: _served(app, url) for url in urls},
        "folders": {
            whose: os.path.realpath(holder.static_folder)
            for whose, holder in {
                "the app": app,
                **{f"the blueprint {name}": each for name, each in app.blueprints.items()},
            }.items()
            if holder.static_folder is not None
        },
        "raised": places,
    }
