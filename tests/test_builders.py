"""Apps share the functions that build their URLs, the parts of their rules, and nothing else."""

from __future__ import annotations

import gc
import os
import random
from typing import Any

import flask
import pytest
from werkzeug.routing import BaseConverter, Rule

from conformance import Subject
from conformance.instruments.bench import Bench
from conformance.subject.builders import shared_builders, uncollected
from conformance.transports import TRANSPORTS


class Shouting(BaseConverter):
    def to_url(self, value: Any) -> str:
        return str(value).upper()


class Whispering(BaseConverter):
    def to_url(self, value: Any) -> str:
        return str(value).lower()


def create_app(converter: type[BaseConverter] = Shouting, prefix: str = "") -> flask.Flask:
    app = flask.Flask(__name__)
    app.url_map.converters["word"] = converter
    blueprint = flask.Blueprint("site", __name__, url_prefix=prefix)
    blueprint.add_url_rule("/say/<word:what>", "say", lambda what: what)
    blueprint.add_url_rule("/say/", "greet", lambda what: what, defaults={"what": "Hello"})
    blueprint.add_url_rule("/päge of/<int:number>/<path:rest>", "page", lambda **_: "")
    app.register_blueprint(blueprint)
    return app


def urls(app: flask.Flask) -> list[str]:
    with app.test_request_context():
        return [
            flask.url_for("site.say", what="Word"),
            flask.url_for("site.say", what="Hello"),
            flask.url_for("site.page", number=3, rest="a b/c", q="ä", _anchor="x"),
        ]


def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note each rule for which Werkzeug compiles a function."""
    rules: list[str] = []
    usual = Rule._compile_builder

    def noted(self: Rule, append_unknown: bool = True) -> Any:
        rules.append(self.rule)
        return usual(self, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", noted)
    return rules


def test_the_second_app_compiles_none_without_defaults(monkeypatch):
    rules = compiled(monkeypatch)
    prefix = f"/{random.random()}"
    bench = Bench(Subject(app=lambda: create_app(prefix=prefix)), TRANSPORTS["wsgi"])
    bench.build()
    assert rules.count(f"{prefix}/say/<word:what>") == 2
    rules.clear()
    bench.build()
    assert {rule.removeprefix(prefix) for rule in rules} == {"/say/"}


def test_what_an_app_builds_is_its_own():
    with shared_builders():
        shouting, whispering = create_app(Shouting), create_app(Whispering)
    assert urls(shouting) == urls(create_app(Shouting))
    assert urls(whispering) == urls(create_app(Whispering))
    assert urls(shouting)[0] == "/say/WORD"
    assert urls(whispering)[0] == "/say/word"


def test_a_rule_class_of_the_subjects_own_compiles_for_itself(monkeypatch):
    class Own(Rule):
        pass

    rules = compiled(monkeypatch)
    with shared_builders():
        for _ in range(2):
            app = flask.Flask(__name__, static_folder=None)
            app.url_rule_class = Own
            app.add_url_rule("/own", "own", lambda: "")
    assert rules == ["/own"] * 4


class Digits(BaseConverter):
    regex = "[0-9]+"


class Heavy(BaseConverter):
    weight = 5


def parts(app: flask.Flask) -> dict[str, Any]:
    return {rule.endpoint: rule._parts for rule in app.url_map.iter_rules()}


def test_apps_share_the_parts_of_their_rules():
    with shared_builders():
        first, second = parts(create_app()), parts(create_app())
    assert all(first[name] is second[name] for name in first)


@pytest.mark.parametrize("other", [Digits, Heavy])
def test_what_a_rule_matches_is_its_apps_own(other):
    plain = parts(create_app(other))
    with shared_builders():
        mixed = [parts(create_app(each)) for each in (Shouting, other)]
    assert mixed[0]["site.say"] != mixed[1]["site.say"]
    assert mixed[1] == plain


def test_hosts_are_told_apart():
    def hosted(host: str) -> flask.Flask:
        app = flask.Flask(__name__, host_matching=True, static_host=host)
        app.add_url_rule("/", "home", lambda: "", host=host)
        return app

    with shared_builders():
        first, second = hosted("a.example"), hosted("b.example")
    for app, host in ((first, "a.example"), (second, "b.example")):
        adapter = app.url_map.bind(host)
        assert adapter.match("/")[0] == "home"
    assert parts(first)["home"] != parts(second)["home"]


@pytest.mark.parametrize("name", ["_compile_builder", "compile"])
def test_nothing_is_left_of_it(name):
    usual = Rule.__dict__[name]
    with shared_builders():
        with shared_builders():
            assert Rule.__dict__[name] is not usual
        assert Rule.__dict__[name] is not usual
    assert Rule.__dict__[name] is usual


def test_python_looks_for_garbage_again():
    assert gc.isenabled()
    with uncollected():
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_who_only_reads_an_app_shares_it():
    folders: list[str] = []

    def create(config: Any = None) -> flask.Flask:
        app = flask.Flask(__name__)
        app.config.from_mapping(config or {})
        folders.append(app.config["PLACE"])
        return app

    subject = Subject(app=create, config={"PLACE": "{tmp}"})
    reading = [Bench(subject, TRANSPORTS["wsgi"], reads=True) for _ in range(2)]
    first = reading[0].build()
    reading[0].close()
    assert os.path.isdir(folders[0])
    assert reading[1].build() is first
    assert reading[1].build(PLACE="elsewhere") is not first
    bench = Bench(subject, TRANSPORTS["wsgi"])
    assert bench.build() is not first
    bench.close()
    del subject, bench, reading
    gc.collect()
    assert not os.path.exists(folders[0])
