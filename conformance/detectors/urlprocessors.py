"""Finds a part of URLs that processors remove before the view runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import flask

from ..survey import Exchange, Survey
from ..survey.facts import RuleFact
from . import Finding

SLUG = "urlprocessors"

#: Codes to try if nothing in the app says which ones it accepts.
USUAL = ("en", "de", "fr", "es", "us", "uk", "1", "2")


def find(survey: Survey) -> Iterator[Finding]:
    """Yield a page whose view no longer received the value, with the value's name and codes."""
    app = survey.app
    own = type(app).preprocess_request is not flask.Flask.preprocess_request
    if not any(app.url_value_preprocessors.values()) and not own:
        return
    for rule in _pages(survey):
        (value,) = rule.arguments
        accepted = list(_accepted(survey, rule, value))
        if len(accepted) < 2:
            continue
        codes = [code for code, _ in accepted]
        first = accepted[0][1]
        path = _path(rule, value, f"{{{value}}}")
        yield Finding(
            SLUG, "page", path, f"its view received no {value!r}, which a processor had removed"
        )
        if value != "lang_code":
            yield Finding(SLUG, "value", value, "the name in the rules")
        yield Finding(SLUG, "codes", codes[:4], "the page returns 200 for each")
        kept = [name for name, text in first.kept.items() if text == codes[0]]
        if kept and value not in kept:
            yield Finding(
                SLUG, "attribute", kept[0], f"g.{kept[0]} was {codes[0]!r} during the request"
            )
        plain = _plain(survey, value)
        if plain is not None:
            yield Finding(SLUG, "plain", plain, f"a page whose rule has no {value!r}")
        found = blueprint(survey, rule, value, codes[:2])
        if found is not None:
            text = "registered in another app, its pages returned 200 for each code"
            yield Finding(SLUG, "blueprint", found, text)
        return


def _pages(survey: Survey) -> list[RuleFact]:
    rules = [
        rule
        for rule in survey.facts.rules
        if len(rule.arguments) == 1
        and "GET" in rule.methods
        and not rule.rule.defaults
        and not rule.endpoint.endswith("static")
        and not rule.rule.subdomain
    ]
    # A value that processors remove is in several rules, and comes first.
    counts: dict[str, int] = {}
    for rule in rules:
        for name in rule.arguments:
            counts[name] = counts.get(name, 0) + 1
    rules.sort(key=lambda rule: (-max(counts[name] for name in rule.arguments), -len(rule.path)))
    return [r for r in rules if r.rule.rule.partition("<")[2].count("<") == 0][:12]


def _accepted(survey: Survey, rule: RuleFact, value: str) -> Iterator[tuple[str, Exchange]]:
    found = 0
    for number, code in enumerate(_codes(survey, rule, value)):
        # An app that accepts codes at all accepts one of the first.
        if number >= (16 if found else 8):
            return
        exchange = survey.crawl.get(_path(rule, value, quote(code)))
        if exchange is None or exchange.endpoint != rule.endpoint:
            continue
        if exchange.status == 200 and value not in exchange.values:
            found += 1
            yield code, exchange
        elif exchange.status == 200:
            # The view receives it, so it concerns the view alone.
            return
        if found == 4:
            return


def _codes(survey: Survey, rule: RuleFact, value: str) -> Iterable[str]:
    converter: object = getattr(rule.rule, "_converters", {}).get(value)
    items = getattr(converter, "items", None)
    if isinstance(items, Sequence | frozenset | set):
        return sorted(map(str, items))
    if "Int" in type(converter).__name__:
        return ("1", "2")
    regex = str(getattr(converter, "regex", ""))
    words = regex.split("|") if re.fullmatch(r"\w+(\|\w+)+", regex) else []
    named = [*words, *_known(survey.app), *_listed(survey.app.config)]
    return dict.fromkeys([*named, *USUAL])


def _known(app: flask.Flask) -> Iterator[str]:
    """Yield the short strings that the app's processors compare values with."""
    for function in [each for group in app.url_value_preprocessors.values() for each in group]:
        code = getattr(function, "__code__", None)
        if code is None:
            continue
        names = getattr(function, "__globals__", {})
        cells = [cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell)]
        for value in (*code.co_consts, *cells, *(names.get(name) for name in code.co_names)):
            if isinstance(value, Mapping | tuple | list | set | frozenset) and len(value) <= 60:
                yield from _codes_in(value)


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:
        return False


def _codes_in(values: Iterable[object]) -> Iterator[str]:
    for each in sorted(str(each) for each in values if isinstance(each, str)):
        if 0 < len(each) <= 20 and each.replace("-", "").replace("_", "").isalnum():
            yield each


def _listed(config: Mapping[str, object]) -> Iterator[str]:
    """Yield short strings in lists of the configuration, such as LANGUAGES."""
    for key in config:
        given = config[key]
        if isinstance(given, Mapping):
            given = list(given)
        if isinstance(given, list | tuple | set | frozenset) and 2 <= len(given) <= 60:
            yield from _codes_in(given)


def _path(rule: RuleFact, value: str, text: str) -> str:
    before, _, rest = rule.path.partition("<")
    return before + text + rest.partition(">")[2]


def _plain(survey: Survey, value: str) -> str | None:
    for exchange in survey.pages:
        if (
            exchange.status == 200
            and exchange.endpoint
            and not exchange.endpoint.endswith("static")
        ):
            rules = [r for r in survey.facts.rules if r.endpoint == exchange.endpoint]
            if all(value not in rule.arguments for rule in rules) and exchange.is_html:
                return exchange.path
    return None


def blueprint(survey: Survey, rule: RuleFact, value: str, codes: Sequence[str]) -> str | None:
    """Return the blueprint of a rule by its name in a module, if it works in a host app."""
    name = rule.endpoint.rpartition(".")[0]
    found = survey.app.blueprints.get(name)
    reference = survey.facts.reference(found) if found is not None else None
    if found is None or reference is None:
        return None
    own = [r for r in survey.facts.rules if r.endpoint.startswith(f"{name}.")]
    if not own or not all(value in each.arguments for each in own):
        return None
    if not (found.url_value_preprocessors or found.deferred_functions):
        return None

    def works() -> bool:
        host = flask.Flask(__name__)
        host.register_blueprint(found)
        client = host.test_client()
        # Every page of it, as the app's templates and extensions may be missing there.
        plain = [r for r in host.url_map.iter_rules() if set(r.arguments) == {value}]
        for each in plain:
            for code in codes:
                _, path = each.build({value: code}) or ("", "")
                if "GET" in (each.methods or ()) and client.get(path).status_code != 200:
                    return False
        return bool(plain)

    return reference if survey.trial(works) else None
