"""A page with a form, as a browser sees it."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from urllib.parse import urljoin

from ...instruments.html import Element, Page, normal
from ...instruments.values import strings
from ...transports import Response
from .binding import Rule

#: Inputs that are not fields to fill in.
_BUTTONS = frozenset(("submit", "button", "image", "reset"))

#: Elements whose text does not describe a field.
_SILENT = frozenset(("script", "style", "option", "select", "textarea", "button", "datalist"))

#: Text that would add an element or an attribute of that name if it were not escaped.
INTRUDER = "kqx"


class FormPage:
    """A page, and the form on it that has the most of the given fields."""

    def __init__(self, response: Response, names: Collection[str]) -> None:
        self.page = Page(response.text)
        wanted = set(names)
        forms = [(len(wanted & set(controls_of(form))), form) for form in self.page.find("form")]
        overlap, self.form = max(forms, key=lambda pair: pair[0], default=(0, Element("form", {})))
        self.is_there = overlap > 0
        self.controls = controls_of(self.form) if self.is_there else {}
        self.target = urljoin(response.request.target, self.form.attributes.get("action", ""))

    @functools.cached_property
    def _parents(self) -> dict[int, Element]:
        return {
            id(child): element
            for element in self.page.root.walk()
            for child in element.children
            if isinstance(child, Element)
        }

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden inputs of the form, including a token."""
        return {
            element.attributes["name"]: element.attributes.get("value", "")
            for element in self.form.walk()
            if element.tag == "input"
            and element.attributes.get("type", "").lower() == "hidden"
            and "name" in element.attributes
        }

    @property
    def names(self) -> set[str]:
        """The names of all that the form may send: its fields, hidden inputs and buttons."""
        return {each.attributes["name"] for each in self.form.walk() if "name" in each.attributes}

    def kind(self, name: str) -> str:
        """Return a field's kind: its input type, `select` or `textarea`; empty if it is missing."""
        first = next(iter(self.controls.get(name, ())), None)
        if first is None or first.tag != "input":
            return first.tag if first else ""
        return first.attributes.get("type", "text").lower()

    def is_text(self, name: str) -> bool:
        """Check whether a field accepts any text."""
        return self.kind(name) in (
            "text", "textarea", "password", "search", "email", "tel", "url",
        )  # fmt: skip

    def values(self, name: str) -> list[str]:
        """Return the values of a field that a browser would submit."""
        return [value for control in self.controls.get(name, ()) for value in _sent(control)]

    def offered(self, name: str) -> list[str]:
        """Return the values that a field lets a visitor choose from; empty for text."""
        if self.kind(name) == "select":
            return [
                element.attributes.get("value", element.text.strip())
                for control in self.controls[name]
                for element in control.walk()
                if element.tag == "option"
            ]
        if self.kind(name) == "radio" or len(self.controls.get(name, ())) > 1:
            return [control.attributes.get("value", "on") for control in self.controls[name]]
        return []

    def options(self, name: str) -> dict[str, str]:
        """Return the visible text of each value that a field offers."""
        if self.kind(name) != "select":
            controls = self.controls.get(name, ())
            return {each.attributes.get("value", "on"): self.label(each) for each in controls}
        return {
            element.attributes.get("value", element.text.strip()): element.text.strip()
            for control in self.controls[name]
            for element in control.walk()
            if element.tag == "option"
        }

    def own(self, name: str) -> Element | None:
        """Return the largest element in the form that contains this field and no other."""
        controls = self.controls.get(name)
        if not controls:
            return None
        inside = {id(control) for control in controls}
        element = controls[0]
        while True:
            parent = self._parents[id(element)]
            if parent is self.form or parent is self.page.root:
                return element
            others = {id(each) for group in controls_of(parent).values() for each in group}
            if not others <= inside:
                return element
            element = parent

    def said_in(self, name: str) -> list[str]:
        """Return the texts in the field's own element."""
        own = self.own(name)
        return [] if own is None else list(_texts(own))

    def said_near(self, name: str) -> list[str]:
        """Return the texts that a reader takes to be about a field.

        Those in its own element, those between it and the previous and next field, and those that
        refer to it or that it refers to. A hidden input has no place of its own: those of the whole
        page.
        """
        if name in self.hidden and name not in self.controls:
            return list(_texts(self.page.root))
        own = self.own(name)
        if own is None:
            return []
        siblings = self._parents[id(own)].children
        place = next(index for index, child in enumerate(siblings) if child is own)
        near: list[Element | str] = [own]
        for side in (reversed(siblings[:place]), siblings[place + 1 :]):
            near += itertools.takewhile(lambda child: not _holds_control(child), side)
        ids = {element.attributes.get("id", "") for element in own.walk()} - {""}
        named = {
            word
            for control in self.controls[name]
            for key in ("aria-describedby", "aria-errormessage")
            for word in control.attributes.get(key, "").split()
        }
        for element in self.page.find():
            refers = element.attributes.get("href", "")[1:], element.attributes.get("for", "")
            if element.attributes.get("id") in named or ids & set(refers):
                near.append(element)
        unlike = {id(child): child for child in near}
        return [text for child in unlike.values() for text in _texts(child)]

    @property
    def referred(self) -> list[str]:
        """The ids that the form's labels refer to."""
        labels = (each for each in self.form.walk() if each.tag == "label")
        return [each.attributes["for"] for each in labels if "for" in each.attributes]

    def label(self, control: Element) -> str:
        """Return the text that labels a control for a reader; empty if there is none."""
        own_id = control.attributes.get("id")
        texts = [control.attributes.get("aria-label", ""), control.attributes.get("title", "")]
        for word in control.attributes.get("aria-labelledby", "").split():
            texts += [element.text for element in self.page.find(id=word)]
        if own_id and self.page.find(id=own_id)[0] is control:
            texts += [label.text for label in self.page.find("label", **{"for": own_id})]
        around = self._parents.get(id(control))
        while around is not None:
            if around.tag == "label" and around.attributes.get("for", own_id) == own_id:
                texts.append(around.text)
            if around.tag == "fieldset" and len(_fields(around)) == 1:
                texts += [each.text for each in around.walk() if each.tag == "legend"]
            around = self._parents.get(id(around))
        return normal(" ".join(texts))

    def rules(self) -> dict[str, Rule]:
        """Return the rules that the form's attributes state to a browser."""
        return {name: self._rule(name) for name in self.controls}

    def _rule(self, name: str) -> Rule:
        attributes = self.controls[name][0].attributes
        most, fewest = (attributes.get(key, "") for key in ("maxlength", "minlength"))
        single = self.kind(name) in ("select", "radio") and self.offered(name)
        return Rule(
            required="required" in attributes,
            # A browser accepts an empty value although it has too few characters.
            optional="required" not in attributes,
            min=int(fewest) if fewest.isdecimal() else None,
            max=int(most) if most.isdecimal() else None,
            choices=self.offered(name) if single else None,
        )


def lines_of(text: str) -> str:
    """Return text with normalised line breaks: browsers send CRLF, pages may contain either."""
    return text.replace("\r\n", "\n")


def place_of(response: Response, text: str) -> str:
    """Return where a response contains a text, for a failure: an element's attribute or text."""
    if response.mimetype == "text/html":
        for element in Page(response.text).find():
            name = element.attributes.get("name")
            tag = f"<{element.tag} name={name}>" if name else f"<{element.tag}>"
            for key, value in element.attributes.items():
                if text in value:
                    return f"the {key} of {tag}"
            if any(isinstance(child, str) and text in child for child in element.children):
                return f"the text of {tag}"
    return "the body"


def intruders(page: Page) -> list[str]:
    """Return the elements and attributes on a page that a value with `INTRUDER` added."""
    found = [
        f"<{child.tag}>{_inside(element)}"
        for element in page.root.walk()
        for child in element.children
        if isinstance(child, Element) and child.tag.startswith(INTRUDER)
    ]
    for element in page.find():
        names = [name for name in element.attributes if name.startswith(INTRUDER)]
        found += [f"<{element.tag} {name}>" for name in names]
    return found


def _inside(element: Element) -> str:
    text = " ".join(_texts(element))
    classes = " ".join(element.classes)
    tag = f"<{element.tag} class={classes!r}>" if classes else f"<{element.tag}>"
    return f" inside {tag}, after the text {text!r:.60}" if text else f" inside {tag}"


def controls_of(element: Element) -> dict[str, list[Element]]:
    """Return the fields to fill in below an element, by name and in order."""
    found: dict[str, list[Element]] = {}
    for each in element.walk():
        kind = each.attributes.get("type", "").lower()
        fillable = each.tag == "input" and kind != "hidden" and kind not in _BUTTONS
        name = each.attributes.get("name")
        if name and (fillable or each.tag in ("select", "textarea")):
            found.setdefault(name, []).append(each)
    return found


def _holds_control(child: Element | str) -> bool:
    return isinstance(child, Element) and bool(controls_of(child))


def _sent(control: Element) -> list[str]:
    if control.tag == "textarea":
        return [lines_of(control.text).removeprefix("\n")]
    if control.tag == "select":
        options = [element for element in control.walk() if element.tag == "option"]
        chosen = [option for option in options if "selected" in option.attributes]
        if not chosen and "multiple" not in control.attributes:
            chosen = options[:1]
        return [option.attributes.get("value", option.text.strip()) for option in chosen]
    if control.attributes.get("type", "").lower() in ("checkbox", "radio"):
        ticked = "checked" in control.attributes
        return [control.attributes.get("value", "on")] if ticked else []
    return [control.attributes.get("value", "")]


def _texts(child: Element | str) -> Iterator[str]:
    """Yield the pieces of text below an element that a reader sees."""
    if isinstance(child, str):
        if text := normal(child):
            yield text
    elif child.tag not in _SILENT:
        for each in child.children:
            yield from _texts(each)


def added(texts: Iterable[str], before: Iterable[str]) -> list[str]:
    """Return the texts that are new."""
    return list((Counter(texts) - Counter(before)).elements())


def json_about(value: object, name: str) -> Iterator[str]:
    """Yield the texts in JSON that are under a name, or next to it."""
    if isinstance(value, list):
        for item in value:
            yield from json_about(item, name)
    elif isinstance(value, dict):
        if name in value.values():
            yield from (text for text in value.values() if isinstance(text, str) and text != name)
        for key, item in value.items():
            if key == name:
                yield from strings(item)
            else:
                yield from json_about(item, name)


def _fields(around: Element) -> set[str]:
    """Return the names of the controls in an element."""
    tags = ("input", "select", "textarea")
    inside = [each.attributes.get("name", "") for each in around.walk() if each.tag in tags]
    return set(filter(None, inside))
