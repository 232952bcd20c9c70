"""Single-Page Applications: one page for all client-side paths, and an API."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urljoin, urlsplit

from ..core.errors import Deviation, Untested
from ..instruments.html import Page
from ..subject.config import Binding, Route
from ..transports import Client, Response
from ..transports.messages import path_of
from . import Pattern
from .harness import Harness

#: Media types that a browser accepts for what a page refers to, by the kind of reference.
TYPES = {
    "script": {"text/javascript", "application/javascript"},
    "stylesheet": {"text/css"},
    "manifest": {"application/manifest+json", "application/json"},
}

#: Names of files in or near a build folder that must not be served.
HIDDEN = (
    ".env", ".git/config", ".htpasswd", "package.json~", "app.py", "__init__.py", "package.json",
    "package-lock.json", "tsconfig.json", "vite.config.js", "webpack.config.js",
)  # fmt: skip

#: Extensions of a build's sources, as opposed to its output.
SOURCES = (".map", ".py", ".pyc", ".ts", ".tsx", ".jsx", ".vue", ".svelte", ".scss")


class SinglePageApplications(Binding):
    """How a subject exposes a single-page application."""

    entry: Route | None = None
    """The application's first page; every path below it belongs to the client-side application."""
    api: tuple[Route, ...] = ()
    """Routes of the API that return JSON."""
    api_prefix: str | None = None
    """The path prefix of the whole API."""
    index: str | None = None
    """The entry page's file, relative to the app's root path, if it is sent unchanged."""
    mountable: bool = False
    """Whether the application should work when mounted below a prefix."""
    ready: str = "document.body.innerText.trim() !== ''"
    """A JavaScript expression that is true once the application has rendered something."""


@dataclasses.dataclass(frozen=True)
class Asset:
    """A file that a page refers to: its path, and the kind that the page expects."""

    target: str
    kind: str

    def fits(self, response: Response) -> bool:
        """Check whether the response is a file of that kind."""
        wanted = TYPES.get(self.kind)
        if response.status != 200:
            return False
        return response.mimetype in wanted if wanted else response.mimetype != "text/html"


class SinglePageHarness(Harness[SinglePageApplications]):
    """Requests what a browser would request."""

    keys = ("entry",)

    @property
    def root(self) -> str:
        """The entry page's path, with a trailing slash."""
        return cast(Route, self.need("entry")).path.rstrip("/") + "/"

    def entry_page(self, client: Client, prefix: str = "") -> Response:
        """Request the entry page; raises `Deviation` if it is not an HTML page."""
        path = cast(Route, self.need("entry")).path
        response = client.get(prefix + path)
        if response.status != 200 or response.mimetype != "text/html":
            raise Deviation(f"200 and HTML for {prefix}{path}", str(response))
        return response

    def is_entry(self, response: Response, entry: Response) -> bool:
        """Check whether a response is the entry page; if that is personal, by its elements."""
        if response.status != 200 or response.body == entry.body:
            return response.status == 200
        return self.personal and _outline(response) == _outline(entry)

    @functools.cached_property
    def personal(self) -> bool:
        """Whether each visitor gets a different entry page, for example with a token in it."""
        first, second = (self.entry_page(self.client()) for _ in range(2))
        return first.body != second.body

    def assets(self, page: Response) -> list[Asset]:
        """Return the files of this site that a page refers to, resolved like a browser would."""
        parsed = Page(page.text)
        base = next(iter(parsed.find("base")), None)
        start = urljoin(page.request.target, base.attributes.get("href", "") if base else "")
        return list(dict.fromkeys(_assets(parsed, start)))

    def scripts(self, client: Client, page: Response) -> Iterator[tuple[str, str]]:
        """Yield the source of each script of a page, with where it is."""
        for element in Page(page.text).find("script"):
            if not element.attributes.get("src"):
                yield page.request.target, element.raw
        for asset in self.assets(page):
            if asset.kind == "script":
                yield asset.target, client.get(asset.target).text

    def api_calls(self, script: str) -> list[str]:
        """Return the calls in a script that request the API by a literal path from the root.

        Such a path is the same wherever the page is mounted, whatever its `<base>` says.
        """
        prefix = self.binding.api_prefix
        paths = {route.path.partition("?")[0] for route in self.binding.api or ()}
        return [
            f"{found[1]}{found[3]})"
            for found in _CALL.finditer(script)
            if found[3].strip(found[2]) in paths
            or (prefix and found[3].strip(found[2]).startswith(prefix))
        ]

    def files_beside(self, page: Response) -> str:
        """Return the folder, as a path, of the entry page's scripts or styles."""
        for asset in self.assets(page):
            if asset.kind in ("script", "stylesheet"):
                return asset.target.partition("?")[0].rpartition("/")[0] + "/"
        raise Untested("the entry page does not refer to a script or stylesheet of this site")

    def index_file(self) -> bytes:
        """Return the bytes of the entry page's file."""
        self.inside()
        return Path(self.flask_app.root_path, cast(str, self.need("index"))).read_bytes()

    def rule_of(self, method: str, target: str) -> str:
        """Say which rule of the app responds to a request; empty if unknown, or if none does."""
        import flask
        from werkzeug.exceptions import HTTPException

        if not self.bench.transport.same_process or not isinstance(self.app, flask.Flask):
            return ""
        adapter = self.app.url_map.bind("localhost")
        try:
            rule, _ = adapter.match(unquote(target), method, return_rule=True)
        except HTTPException:
            return ""
        methods = ", ".join(sorted(rule.methods or ()))
        return f"the rule {rule.rule} of the endpoint {rule.endpoint!r} accepts {methods}."

    def hidden_files(self) -> Iterator[str]:
        """Yield the paths, in the static folder, of files that must not be served."""
        folder = self.flask_app.static_folder
        if folder is None:
            return
        for file in sorted(Path(folder).rglob("*")):
            name = file.relative_to(folder).as_posix()
            parts = name.split("/")
            kept = any(part.startswith(".") or part == "node_modules" for part in parts)
            if file.is_file() and (kept or file.name in HIDDEN or file.suffix in SOURCES):
                yield name

    def folders(self) -> list[str]:
        """Return the names of the static folder and of the build's folders in it."""
        folder = self.flask_app.static_folder
        if folder is None or not Path(folder).is_dir():
            return []
        inside = (each.name for each in sorted(Path(folder).iterdir()) if each.is_dir())
        return [Path(folder).name, *inside]

    def may_be_mounted(self) -> None:
        """End the clause as `untested` unless the app may be mounted below a prefix."""
        if not self.binding.mountable:
            raise Untested.for_keys(self.slug, "mountable", hint=": it is false")


#: A call of `fetch` or of an XMLHttpRequest, with a literal path from the root alone.
_CALL = re.compile(
    r"""(\bfetch\(\s*|\.open\(\s*["'][A-Z]+["']\s*,\s*)(?=(["'`]))(\2/[^"'`$]*\2)\s*[,)]"""
)


def _outline(page: Response) -> list[tuple[str, tuple[str, ...]]]:
    elements = Page(page.text).find()
    return [(element.tag, tuple(element.attributes)) for element in elements]


def _assets(page: Page, base: str) -> Iterator[Asset]:
    for element in page.find():
        attributes = element.attributes
        rel = attributes.get("rel", "").lower().split()
        found = None
        if element.tag == "script" and attributes.get("src"):
            found = attributes["src"], "script"
        elif element.tag == "img" and attributes.get("src"):
            found = attributes["src"], "image"
        elif element.tag == "link" and attributes.get("href"):
            for name, kind in (
                ("stylesheet", "stylesheet"),
                ("modulepreload", "script"),
                ("manifest", "manifest"),
                ("icon", "image"),
            ):
                if name in rel:
                    found = attributes["href"], kind
        if found is not None:
            parts = urlsplit(urljoin(base, found[0]))
            if not parts.netloc and parts.scheme in ("", "http", "https"):
                yield Asset(path_of(parts), found[1])


pattern = Pattern(
    slug="singlepageapplications",
    title="Single-Page Applications",
    sections={"": "Single-Page Applications"},
    binding=SinglePageApplications,
    harnesses=(SinglePageHarness,),
)
