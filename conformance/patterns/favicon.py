"""Adding a favicon: pages link an icon, and the root of the site serves one too."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import cast
from urllib.parse import unquote, urljoin, urlsplit

from werkzeug.exceptions import HTTPException

from ..core.errors import Broken, Deviation, Untested
from ..instruments.html import Page
from ..subject.config import Binding, Route
from ..transports import Client, Response
from ..transports.messages import path_of
from . import Pattern
from .harness import Harness

#: The first bytes of icon files, with the media types that match.
MAGIC = {
    b"\0\0\1\0": {"image/vnd.microsoft.icon", "image/x-icon"},
    b"\x89PNG\r\n\x1a\n": {"image/png"},
    b"GIF8": {"image/gif"},
    b"\xff\xd8\xff": {"image/jpeg"},
    b"<svg": {"image/svg+xml"},
    b"<?xml": {"image/svg+xml"},
}


class Favicon(Binding):
    """How a subject exposes its icon."""

    page: Route | None = None
    """A page whose head links the icon."""
    pages: tuple[Route, ...] = ()
    """More such pages, ideally one per layout, including deep paths."""
    root: str | None = "/favicon.ico"
    """The path of the icon without a link, for an application at the root of its domain."""
    file: str | None = None
    """The icon's file, relative to the app's root path; by default, in its static folder."""


class FaviconHarness(Harness[Favicon]):
    """Finds the icon as a browser does."""

    kind = "routes"
    keys = ("page",)

    def page_path(self) -> str:
        """Return the path of the bound page."""
        return cast(Route, self.need("page")).path

    def pages(self) -> list[str]:
        """Return the paths of all bound pages."""
        return [self.page_path(), *(each.path for each in self.binding.pages)]

    def linked(self, client: Client, prefix: str = "", page: str | None = None) -> str:
        """Return the path of the icon that the head of the bound page, or another one, links.

        Raise `Deviation` if there is no such link.
        """
        target = prefix + (page or self.page_path())
        response = client.follow(client.get(target))
        if response.status in (404, 405):
            key = "page" if page in (None, self.page_path()) else "pages"
            raise Broken.for_key(self.slug, key, f"{target} answers {response.status}")
        parsed = Page(response.text)
        found = [
            urljoin(response.request.target, element.attributes["href"])
            for head in parsed.find("head") or [parsed.root]
            for element in head.walk()
            if element.tag == "link" and element.attributes.get("href")
            if "icon" in element.attributes.get("rel", "").lower().split()
        ]
        if not found:
            raise Deviation(
                f"a <link rel=icon href=...> in the head of {target}",
                f"none in a {response.status} response with {len(response.body)} bytes",
            )
        # Of several icons, such as a drawing beside an ICO, the one that the bound file is.
        name = PurePosixPath(self.binding.file or "").name
        href = next((each for each in found if urlsplit(each).path.endswith(f"/{name}")), found[0])
        parts = urlsplit(href)
        if parts.scheme not in ("", "http", "https"):
            raise Untested(f"the page asks for no icon: it links {href:.40}")
        if parts.netloc not in ("", client.host):
            raise Untested(f"the page links an icon on another site: {href}")
        return path_of(parts)

    def icon(self, client: Client) -> str:
        """Return the path of the linked icon; raise `Untested` if it is not linked or found."""
        try:
            target = self.linked(client)
        except Deviation:
            raise Untested("needs a page that links an icon: see favicon.link") from None
        if self.fetch(client, target).status == 404:
            raise Untested(f"needs an icon at the linked {target}: see favicon.link")
        return target

    def fetch(self, client: Client, target: str) -> Response:
        """Request an icon and follow redirects."""
        return client.follow(client.get(target))

    def places(self, client: Client) -> dict[str, str]:
        """Return the paths of the icon: `link`, and `root` if it is bound."""
        places = {"link": self.icon(client)}
        if self.binding.root is not None:
            places["root"] = self.binding.root
        return places

    def icon_file(self, target: str) -> Path:
        """Return the file behind the icon at a path."""
        app = self.flask_app
        if self.binding.file is not None:
            return Path(app.root_path, self.binding.file)
        name = unquote(target.partition("?")[0].rpartition("/")[2])
        found = Path(app.static_folder or "", name)
        if not app.static_folder or not found.is_file():
            raise Untested.for_keys(
                self.slug, "file", hint=": the icon is not in the static folder"
            )
        return found

    def sizes_of_file(self, target: str) -> str:
        """Return, for a failure, which sizes the file behind the icon has, if it can be found."""
        try:
            found = sizes(self.icon_file(target).read_bytes())
        except Untested:
            return ""
        named = ", ".join(f"{width}x{height}" for width, height in found)
        return f"; those in the file are {named or 'none'}"

    def rule_of(self, target: str) -> str:
        """Return, for a failure, which rule a path has, or that it has none."""
        try:
            app = self.flask_app
            endpoint, _ = app.url_map.bind("localhost").match(target, method="GET")
        except Untested:
            return ""
        except HTTPException:
            return ": no rule of the app matches it"
        return f": the view {endpoint!r} answered"

    @contextlib.contextmanager
    def without_files(self) -> Iterator[None]:
        """Make the app look for its files in an empty folder during the block."""
        app = self.flask_app
        self.inside()
        was = app.static_folder, app.root_path
        empty = str(self.bench.folder())
        app.static_folder, app.root_path = empty, empty
        try:
            yield
        finally:
            app.static_folder, app.root_path = was


def fits(response: Response) -> bool:
    """Check whether the response is an image whose media type matches its content."""
    start = response.body.lstrip() if response.body[:1] in b" \r\n\t" else response.body
    return any(
        start.startswith(magic) and response.mimetype in types for magic, types in MAGIC.items()
    )


def sizes(icon: bytes) -> list[tuple[int, int]]:
    """Return the pixel sizes of the images in an ICO file; empty for any other file."""
    if len(icon) < 6 or icon[:4] != b"\0\0\1\0":
        return []
    count = struct.unpack_from("<H", icon, 4)[0]
    entries = [icon[6 + 16 * n : 22 + 16 * n] for n in range(count)]
    return [(entry[0] or 256, entry[1] or 256) for entry in entries if len(entry) == 16]


pattern = Pattern(
    slug="favicon",
    title="Adding a favicon",
    sections={"": "Adding a favicon", "see-also": "See also"},
    binding=Favicon,
    harnesses=(FaviconHarness,),
)
