"""A reader of HTML pages: an oracle that shares nothing with what generated them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from html.parser import HTMLParser

#: Elements without content and end tag.
VOID = frozenset(
    """area base br col embed hr img input link meta source track wbr""".split()  # noqa: SIM905
)
#: What the name of a hidden input says that protects a form from other sites.
_TOKEN = re.compile("csrf|xsrf|token|nonce", re.IGNORECASE)

_RAW = frozenset(("script", "style"))

#: Which elements a start tag closes if their end tag was omitted, and within which element.
_ENDS = {
    "li": (("li",), ("ul", "ol", "menu")),
    "dt": (("dt", "dd"), ("dl",)),
    "dd": (("dt", "dd"), ("dl",)),
    "option": (("option",), ("select", "datalist")),
    "tr": (("tr",), ("table",)),
    "td": (("td", "th"), ("tr", "table")),
    "th": (("td", "th"), ("tr", "table")),
    **dict.fromkeys(
        """address article aside blockquote details dialog div dl fieldset figcaption figure footer
        form h1 h2 h3 h4 h5 h6 header hgroup hr main menu nav ol p pre search section table
        ul""".split(),  # noqa: SIM905
        (("p",), ("button", "caption", "object", "td", "template", "th")),
    ),
}


def normal(text: str) -> str:
    """Return text as a browser displays it, with white space collapsed."""
    return " ".join(text.split())


@dataclasses.dataclass
class Element:
    """An element: its name, attributes, and children (elements and text)."""

    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = dataclasses.field(default_factory=list)

    @property
    def text(self) -> str:
        """The text inside, without scripts and styles."""
        if self.tag in _RAW:
            return ""
        return "".join(c if isinstance(c, str) else c.text for c in self.children)

    @property
    def raw(self) -> str:
        """The text inside, including scripts and styles."""
        return "".join(c if isinstance(c, str) else c.raw for c in self.children)

    @property
    def classes(self) -> list[str]:
        """The names in its class attribute."""
        return self.attributes.get("class", "").split()

    def walk(self) -> Iterator[Element]:
        """Yield this element and all below it, in document order."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()


class Page(HTMLParser):
    """A parsed page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._open = [self.root]
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element (called by the parser)."""
        ends, within = _ENDS.get(tag, ((), ()))
        for opened in reversed(self._open):
            if opened.tag in within:
                break
            if opened.tag in ends:
                self.handle_endtag(opened.tag)
                break
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """Close the nearest open element of that name, if there is one (called by the parser)."""
        for index in range(len(self._open) - 1, 0, -1):
            if self._open[index].tag == tag:
                del self._open[index:]
                return

    def handle_data(self, data: str) -> None:
        """Handle text (called by the parser)."""
        self._open[-1].children.append(data)

    @property
    def text(self) -> str:
        """All text of the page."""
        return self.root.text

    def find(self, tag: str | None = None, **attributes: str) -> list[Element]:
        """Return the elements with that name and those attributes (`class_` matches one class)."""
        found = []
        wanted_class = attributes.pop("class_", None)
        for element in self.root.walk():
            if element is self.root or (tag is not None and element.tag != tag):
                continue
            if wanted_class is not None and wanted_class not in element.classes:
                continue
            if all(element.attributes.get(k) == v for k, v in attributes.items()):
                found.append(element)
        return found

    def links(self) -> list[str]:
        """Return the targets of the elements, in order: the `href` of each, or its `src`."""
        found = (each.attributes.get("href") or each.attributes.get("src") for each in self.find())
        return [link for link in found if link]

    def tokens(self) -> dict[str, str]:
        """Return those of the hidden fields whose names say that they protect the form."""
        return {name: value for name, value in self.hidden_fields().items() if _TOKEN.search(name)}

    def hidden_fields(self) -> dict[str, str]:
        """Return the named hidden inputs of the page's forms and their values."""
        return {
            element.attributes["name"]: element.attributes.get("value", "")
            for element in self.find("input")
            if element.attributes.get("type", "").lower() == "hidden"
            and "name" in element.attributes
        }
