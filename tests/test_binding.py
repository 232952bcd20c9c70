"""What a binding says is sent, handed over and, where it is at fault, said so."""

from __future__ import annotations

import json
import types
from pathlib import Path
from typing import Any

import cachelib
import flask
import pytest
import wtforms
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from conformance import Outcome, Subject, Verdict, run_clause
from conformance.core.errors import SubjectError
from conformance.reports.text import render_failure
from conformance.runner.engine import Options
from conformance.runner.preflight import preflight
from conformance.subject.arguments import settings_over
from conformance.subject.config import Route
from conformance.suites.catalogue import find_clause
from tests.mutants.favicon import literal_link, page_at_the_root


class Defaults:
    """Settings of an application."""

    NAME = "shop"
    SIZE = 1


def settings(handed: object) -> dict[str, object]:
    config = flask.Config("")
    config.from_object(handed)  # type: ignore[arg-type]
    return dict(config)


def test_values_lie_on_top_of_the_settings_that_a_factory_has_as_its_default() -> None:
    module = types.SimpleNamespace(NAME="shop", SIZE=1)

    for default in (Defaults, Defaults(), f"{__name__}.Defaults", f"{__name__}:Defaults", module):
        assert settings(settings_over(default, {"SIZE": 2})) == {"NAME": "shop", "SIZE": 2}, default
    assert isinstance(settings_over(Defaults, {}), type)
    assert settings(settings_over("production", {"SIZE": 2})) == {"SIZE": 2}
    assert settings_over(None, {"SIZE": 2}) == {"SIZE": 2}


def test_a_path_may_say_its_method() -> None:
    assert Route.model_validate("POST /notes?by=ada") == Route(path="/notes?by=ada", method="POST")
    assert Route.model_validate("/a GET /b") == Route(path="/a GET /b")
    for wrong in ("post /notes", "POST notes", "POST  /notes", "notes"):
        with pytest.raises(ValueError, match="a path begins with a slash"):
            Route.model_validate(wrong)


def test_each_request_of_a_route_has_a_number_of_its_own() -> None:
    route = Route.model_validate(
        {"path": "/", "method": "POST", "query": {"q": "{n}"}, "json": {"mail": ["u{n}@x"]}}
    )
    first, second = route.request(), route.request()

    number = json.loads(first.body)["mail"][0][1:-2]
    assert number.isdigit()
    assert first.target == f"/?q={number}"
    assert first.body != second.body


def create_app() -> flask.Flask:
    app = flask.Flask("members")
    app.secret_key = "members"
    taken: set[str] = set()

    @app.post("/api/members")
    def api() -> Any:
        data = flask.request.get_json()
        if data["mail"] in taken:
            return {"error": "taken"}, 400
        taken.add(data["mail"])
        return data, 201

    @app.route("/join", methods=["GET", "POST"])
    def join() -> Any:
        token = flask.session.setdefault("token", flask.request.environ["conformance.token"])
        form = flask.request.form
        if form.get("token") == token and form["mail"] not in taken:
            taken.add(form["mail"])
            return flask.redirect("/join")
        return (
            f"<form method=post><input type=hidden name=token value={token}>"
            "<input name=name required><input name=mail></form>"
        )

    @app.get("/mails")
    def mails() -> str:
        links = "{% for mail in taken %}<a href='mailto:{{ mail }}'>{{ mail }}</a> ({{ mail }})"
        return flask.render_template_string(links + "{% endfor %}", taken=sorted(taken))

    tokens = iter(range(10**9))
    inner = app.wsgi_app

    def numbered(environ: dict[str, Any], start_response: Any) -> Any:
        return inner({**environ, "conformance.token": f"t{next(tokens)}"}, start_response)

    app.wsgi_app = numbered  # type: ignore[method-assign]
    return app


def create_own() -> flask.Flask:
    app = flask.Flask("own")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    SQLAlchemy(app)
    return app


def test_a_database_that_comes_too_late_is_refused_before_anything_is_written(
    tmp_path: Path,
) -> None:
    prepared: list[flask.Flask] = []
    config = {"SQLALCHEMY_DATABASE_URI": "sqlite:///{tmp}/x.db", "TESTING": True}
    late = Subject(app=create_own, config=config, setup=prepared.append)

    with pytest.raises(SubjectError, match=r"SQLALCHEMY_DATABASE_URI comes too late: .*create_own"):
        late.build(lambda: tmp_path)
    assert not prepared
    same = Subject(app=create_own, config={**config, "SQLALCHEMY_DATABASE_URI": "sqlite://"})
    assert same.build(lambda: tmp_path).testing


def ask(name: str, **binding: object) -> Verdict:
    slug = name.partition(".")[0]
    return run_clause(find_clause(name), Subject(app=create_app, patterns={slug: binding}))


def test_json_that_is_taken_only_once_is_no_fault_of_the_app() -> None:
    receive = {"path": "/api/members", "json": {"name": "a", "mail": "a@example.org"}}
    once = ask("javascript.415", receive=receive)
    receive["json"] = {"name": "a", "mail": "a{n}@example.org"}
    often = ask("javascript.415", receive=receive)

    assert once.outcome is Outcome.BROKEN
    assert "patterns.javascript.receive: it refuses" in once.reason
    assert often.outcome is Outcome.PASS, often


def test_values_that_are_taken_only_once_are_no_fault_of_the_app() -> None:
    valid = {"name": "a", "mail": "a@example.org"}
    once = ask("wtforms.csrf", page="/join", valid=valid, unique="name")
    often = ask("wtforms.csrf", page="/join", valid=valid, unique=["name", "mail"])

    assert once.outcome is Outcome.BROKEN
    assert "patterns.wtforms.valid: it is accepted once and rejected" in once.reason
    assert "\n" not in once.reason
    assert often.outcome is Outcome.PASS, often


def test_effects_that_show_a_text_twice_are_no_fault_of_the_app() -> None:
    valid = {"name": "a", "mail": "a@example.org"}
    verdicts = [
        ask(
            name,
            page="/join",
            valid=valid,
            marked="mail",
            unique=["name", "mail"],
            effects="/mails",
        )
        for name in ("wtforms.post-valid", "wtforms.duplicate-race")
    ]

    for verdict in verdicts:
        assert verdict.outcome is Outcome.BROKEN
        assert "patterns.wtforms.effects: after one submission it shows" in verdict.reason
        assert "the value of mail 2 times, not once" in verdict.reason


def test_what_is_mounted_for_a_clause_alone_is_no_command_line() -> None:
    mounted = run_clause(find_clause("favicon.link-built"), literal_link())
    bare = run_clause(find_clause("favicon.root"), page_at_the_root())

    assert mounted.failure is not None
    assert mounted.failure.curl == ()
    assert "again     conformance check --clause favicon.link-built" in render_failure(mounted)
    assert bare.failure is not None
    assert bare.failure.curl == ("curl -i http://localhost:5000/favicon.ico",)


class Join(wtforms.Form):
    name = wtforms.StringField("Name")


def test_a_clause_asks_for_no_key_that_is_bound() -> None:
    asked = ask("wtforms.search", form=Join, page="/join", valid={"name": "a"})

    assert asked.outcome is Outcome.UNTESTED
    assert asked.reason == "needs search in [patterns.wtforms]"


class Member(Join):
    def validate(self, extra_validators: Any = None) -> bool:
        return super().validate(extra_validators) and not flask.current_app.extensions["members"]


def test_a_form_that_asks_its_own_app_is_not_faulted_in_another() -> None:
    verdict = ask("wtforms.no-5xx", form=Member, valid={"name": "a"})

    assert verdict.outcome is Outcome.UNTESTED
    assert verdict.reason.startswith(
        "needs page in [patterns.wtforms]: without its own app the form raises KeyError: 'members' ("
    )
    assert "in validate" in verdict.reason


def test_the_preflight_sends_what_a_form_page_has_and_says_where_one_is_missing() -> None:
    def create_guarded() -> flask.Flask:
        app = create_app()
        CSRFProtect(app)
        app.add_url_rule(
            "/form",
            "form",
            lambda: flask.render_template_string(
                "<form method=post action=/say><input type=hidden name=csrf_token "
                "value={{ csrf_token() }}></form>"
            ),
        )
        app.add_url_rule("/say", "say", lambda: "said", methods=["POST"])
        return app

    def trigger(**parts: str) -> str:
        route = {"method": "POST", "path": "/say", **parts}
        flashing = {"page": "/form", "trigger": route}
        subject = Subject(app=create_guarded, patterns={"flashing": flashing})
        return next(check.text for check in preflight(subject, Options()) if check.key == "trigger")

    assert trigger(form_page="/form").endswith("answers 200")
    assert trigger().endswith("set form_page to the page with the form that has it")


def test_the_preflight_names_a_route_that_is_not_there_though_no_probe_is_for_it() -> None:
    def create_app() -> flask.Flask:
        app = flask.Flask("shop")
        app.add_url_rule("/table", "table", lambda: iter(["a,b\n"]))
        app.add_url_rule("/greeting", "greeting", lambda: iter(["data: Hello\n\n"]))
        return app

    table = {"table": "/table", "events": "/greetings"}
    found = preflight(Subject(app=create_app, patterns={"streaming": table}), Options())
    (check,) = (each for each in found if each.key == "events")

    assert not check.good
    assert check.text.startswith("GET /greetings answers 404; did you mean '/greeting'?")


def test_the_preflight_takes_a_page_of_a_404_handler_for_a_page() -> None:
    def create_app() -> flask.Flask:
        app = flask.Flask("shop")
        app.register_error_handler(404, lambda error: ("data: any\n\n", 200))
        app.add_url_rule("/table", "table", lambda: iter(["a,b\n"]))
        return app

    table = {"table": "/table", "events": "/events"}
    found = preflight(Subject(app=create_app, patterns={"streaming": table}), Options())

    assert "events" not in {each.key for each in found}


def test_the_preflight_uploads_a_file_where_files_are_uploaded() -> None:
    def create_careless() -> flask.Flask:
        app = flask.Flask("uploads")
        app.add_url_rule(
            "/", "upload", lambda: flask.request.files["file"].filename, methods=["POST"]
        )
        return app

    uploads = {"upload": "/", "extensions": ["png"]}
    subject = Subject(app=create_careless, patterns={"fileuploads": uploads})
    checks = {check.key: check.text for check in preflight(subject, Options())}

    assert checks["upload"].endswith("answers 200")


def test_a_race_that_was_seen_once_is_a_failure() -> None:
    class Lossy(cachelib.SimpleCache):
        """Loses one value, the first time that two threads meet."""

        lost = False

        def set(self, key: str, value: Any, timeout: Any = None) -> Any:
            if "own 1" in key and not Lossy.lost:
                Lossy.lost = True
                return True
            return super().set(key, value, timeout)

    cache = Lossy(threshold=1000)
    subject = Subject(patterns={"caching": {"cache": lambda app: cache}})

    verdict = run_clause(find_clause("caching.threads"), subject)

    assert verdict.outcome is Outcome.FAIL, verdict.reason
    assert verdict.failure is not None
    assert "a race, which was not reproduced" in verdict.failure.observed
