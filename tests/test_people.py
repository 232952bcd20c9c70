"""People: who logs in for which request, how a login is seen to work, and what is said of a wrong one."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import flask
import pytest
from werkzeug.security import check_password_hash, generate_password_hash

from conformance import Outcome, Subject, Verdict, run_clause
from conformance.core.errors import ConfigError
from conformance.instruments.bench import Bench
from conformance.patterns import load_pattern, people
from conformance.patterns.wtforms import pattern as wtforms
from conformance.runner.engine import Options
from conformance.runner.preflight import preflight, problems
from conformance.subject.config import Route
from conformance.suites.catalogue import find_clause
from conformance.transports import TRANSPORTS

from .command import conformance

PASSWORDS = {"ada": "engine", "grace": "compiler"}
LOGIN = {"path": "/login", "form": {"user": "ada", "password": "engine"}}
ADA = {"login": LOGIN, "logout": "/logout", "shows": "Hello, ada"}
GRACE = {
    "login": {"path": "/login", "form": {"user": "grace", "password": "compiler"}},
    "shows": "Hello, grace",
}


def members(*, refuses: str = "redirect") -> Any:
    """Make a factory whose apps have a login, and pages for those alone who are logged in.

    A wrong password leads back to the login, shows the form again, or is a 401; nobody is
    asked to log in, or is forbidden.
    """
    logins: list[str] = []
    hashes = {
        user: generate_password_hash(word, "pbkdf2:sha256:1") for user, word in PASSWORDS.items()
    }

    def create_app() -> flask.Flask:
        app = flask.Flask("members")
        app.secret_key = "members"
        stored: list[str] = []
        app.extensions["logins"] = logins

        def nobody() -> Any:
            return flask.abort(403) if refuses == "forbidden" else flask.redirect("/login")

        @app.route("/login", methods=["GET", "POST"])
        def login() -> Any:
            form = "<form method=post><input name=user><input name=password type=password></form>"
            if flask.request.method == "GET":
                return form
            user, password = flask.request.form["user"], flask.request.form["password"]
            logins.append(user)
            if not check_password_hash(hashes[user], password):
                answers = {"redirect": flask.redirect("/login"), "form": form, "401": ("no", 401)}
                return answers.get(refuses, "Wrong password")
            flask.session["user"] = user
            return flask.redirect("/")

        @app.get("/")
        def index() -> Any:
            return f"<p>Hello, {flask.session.get('user', 'stranger')}"

        @app.route("/logout")
        def logout() -> Any:
            flask.session.clear()
            return flask.redirect("/")

        @app.route("/notes", methods=["GET", "POST"])
        def notes() -> Any:
            if "user" not in flask.session:
                return nobody()
            token = flask.session.setdefault("token", secrets.token_hex(8))
            form = flask.request.form
            if form.get("token") == token and form.get("text"):
                stored.append(f"{flask.session['user']}: {form['text']}")
                return flask.redirect("/notes/all")
            return (
                f"<form method=post><input type=hidden name=token value={token}>"
                "<label for=text>Text</label><input id=text name=text required></form>"
            )

        @app.get("/notes/all")
        def everything() -> Any:
            return nobody() if "user" not in flask.session else "<br>".join(stored)

        return app

    return create_app


def noting(person: str = "ada", **subject: Any) -> Subject:
    """A form that is somebody's, and what it stores."""
    binding = {
        "page": {"path": "/notes", "as": person},
        "effects": {"path": "/notes/all", "as": person},
        "valid": {"text": "a note"},
    }
    return Subject(
        app=subject.pop("app", None) or members(),
        patterns={"wtforms": binding},
        people=subject.pop("people", {"ada": ADA, "grace": GRACE}),
        **subject,
    )


def ask(subject: Subject, name: str = "wtforms.post-valid") -> Verdict:
    return run_clause(find_clause(name), subject, Options(max_examples=3))


def checks(subject: Subject) -> dict[str, tuple[bool, str]]:
    return {
        check.name: (check.good, check.text)
        for check in preflight(subject, Options(max_examples=3))
    }


@pytest.mark.parametrize("clause", ["wtforms.post-valid", "wtforms.csrf", "wtforms.persisted"])
def test_a_form_behind_a_login_is_asked_as_somebody(clause: str) -> None:
    assert ask(noting(), clause).outcome is Outcome.PASS
    nobody = Subject(
        app=members(), patterns={"wtforms": {"page": "/notes", "valid": {"text": "a note"}}}
    )
    assert ask(nobody, clause).outcome is not Outcome.PASS


def test_each_client_logs_in_by_itself_unless_that_is_costly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # How long a login takes is the machine's business: none is costly here, then each.
    for seconds, times in ((float("inf"), 4), (0.0, 2)):
        monkeypatch.setattr(people, "COSTLY", seconds)
        subject = noting()
        bench = Bench(subject, TRANSPORTS["wsgi"])
        harness = wtforms.harnesses[0]("wtforms", subject.patterns["wtforms"], bench)
        clients = [harness.client() for _ in range(4)]
        pages = [client.get("/notes").text for client in clients]

        assert all("<form" in page for page in pages)
        assert len(harness.app.extensions["logins"]) == times
        tokens = {page.partition("value=")[2].partition(">")[0] for page in pages}
        assert len(tokens) == 4
        clients[3].get("/logout")
        assert clients[3].get("/notes").is_redirect
        assert not clients[2].get("/notes").is_redirect
        bench.close()


def test_a_session_on_the_server_is_never_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "COSTLY", 0.0)

    class Sessions(flask.sessions.SecureCookieSessionInterface):
        """As far as anybody can tell, one that keeps its sessions elsewhere."""

    usual = members()

    def create_app() -> flask.Flask:
        app: flask.Flask = usual()
        app.session_interface = Sessions()
        return app

    subject = noting(app=create_app)
    bench = Bench(subject, TRANSPORTS["wsgi"])
    harness = wtforms.harnesses[0]("wtforms", subject.patterns["wtforms"], bench)
    for _ in range(3):
        harness.client().get("/notes")

    assert len(harness.app.extensions["logins"]) == 3
    bench.close()


def test_a_request_of_another_person_is_sent_as_that_person() -> None:
    subject = noting()
    routes = {
        "page": {"path": "/notes", "as": "grace"},
        "effects": {"path": "/notes/all", "as": "ada"},
    }
    subject = Subject(
        app=members(),
        patterns={"wtforms": {**routes, "valid": {"text": "a note"}}},
        people={"ada": ADA, "grace": GRACE},
    )
    bench = Bench(subject, TRANSPORTS["wsgi"])
    harness = wtforms.harnesses[0]("wtforms", subject.patterns["wtforms"], bench)
    client = harness.client()
    client.get("/notes")
    assert "grace" in client.get("/").text
    client.get("/notes/all")
    assert "ada" in client.get("/").text
    bench.close()


def test_a_browser_is_somebody_too() -> None:
    verdict = ask(noting(), "wtforms.browser")
    if "browser" in verdict.reason:
        pytest.skip(verdict.reason)

    assert verdict.failure is not None
    assert verdict.failure.expected == "a button that submits the form"


@pytest.mark.parametrize("refuses", ["redirect", "form", "401", "page"])
def test_a_wrong_password_is_broken_with_the_key_of_the_person(refuses: str) -> None:
    wrong = {"login": {"path": "/login", "form": {"user": "ada", "password": "engnie"}}}
    subject = noting(app=members(refuses=refuses), people={"ada": wrong})

    verdict = ask(subject)
    assert verdict.outcome is Outcome.BROKEN
    assert [each.name for each in verdict.missing] == ["people.ada.login"]
    assert verdict.reason.startswith("people.ada.login: ")
    found = checks(subject)
    assert not found["people.ada.login"][0]
    told = problems(list(preflight(subject, Options(max_examples=3))))
    again = run_clause(find_clause("wtforms.post-valid"), subject, Options(max_examples=3), told)
    assert again.outcome is Outcome.BROKEN


@pytest.mark.parametrize("refusal", ["a 400", "the form again", "the login again"])
def test_a_token_in_the_form_of_a_login_needs_no_key(refusal: str) -> None:
    make = members()

    def create_app() -> flask.Flask:
        app = make()

        @app.before_request
        def check() -> Any:
            if flask.request.path != "/login":
                return None
            token = flask.session.setdefault("csrf", secrets.token_hex(8))
            form = f"<form method=post><input type=hidden name=csrf value={token}>"
            form += "<input name=user><input name=password type=password></form>"
            if flask.request.method == "GET":
                return form
            if flask.request.form.get("csrf") == token:
                return None
            answers = {"a 400": ("no token", 400), "the form again": form}
            return answers.get(refusal) or flask.redirect("/login")

        return app

    assert ask(noting(app=create_app)).outcome is Outcome.PASS
    assert checks(noting(app=create_app))["people.ada.login"][0]


def test_doctor_confirms_a_login_by_what_changes_for_who_logged_in() -> None:
    assert checks(noting())["people.ada.login"] == (
        True,
        "GET / shows 'Hello, ada', and does not to others",
    )
    without = noting(people={"ada": {"login": LOGIN}})
    good, text = checks(without)["people.ada.login"]
    assert good
    assert text == "GET / shows something else than to others"


@pytest.mark.parametrize(
    ("shows", "text"),
    [
        ("Ada Lovelace", "'Ada Lovelace': not on GET /, GET /notes, GET /notes/all"),
        ("<p>Hello, ", "'<p>Hello, ': GET / shows it to everybody"),
    ],
)
def test_a_text_that_is_not_theirs_alone_is_wrong(shows: str, text: str) -> None:
    subject = noting(people={"ada": {"login": LOGIN, "shows": shows}})

    assert checks(subject)["people.ada.shows"] == (False, text)


def test_a_link_that_logs_out_is_no_page_of_who_logged_in() -> None:
    made = members()

    def create_app() -> flask.Flask:
        app = made()
        app.view_functions["logout"] = lambda: flask.session.clear() or flask.redirect("/login")
        return app

    subject = Subject(
        app=create_app,
        patterns={"viewdecorators": {"login_endpoint": "login", "protected": "/notes"}},
        people={"ada": {"login": LOGIN, "logout": "/logout"}},
    )
    (check,) = (each for each in preflight(subject, Options()) if "people" in each.name)

    assert check.good, check.text


def test_a_page_of_somebody_that_does_not_exist_is_the_fault_of_its_key() -> None:
    subject = Subject(
        app=members(),
        patterns={"wtforms": {"page": {"path": "/ntoes", "as": "ada"}, "valid": {"text": "a"}}},
        people={"ada": ADA},
    )
    found = checks(subject)

    assert found["people.ada.login"][0]
    assert not found["patterns.wtforms.page"][0]


def test_nobody_logs_in_for_whom_nothing_asks() -> None:
    app = members()
    subject = Subject(app=app, patterns={"favicon": {"page": "/"}}, people={"ada": ADA})

    assert "people.ada.login" not in checks(subject)
    assert app().extensions["logins"] == []


def test_a_logout_that_does_not_exist_is_the_fault_of_its_key() -> None:
    name = "viewdecorators.login-redirects-anonymous"
    subject = Subject(
        app=members(),
        patterns={"viewdecorators": {"protected": "/notes"}},
        people={"ada": {**ADA, "logout": "/loguot"}},
    )
    verdict = ask(subject, name)

    assert verdict.outcome is Outcome.BROKEN
    assert verdict.reason.startswith("people.ada.logout: GET /loguot ")
    assert verdict.reason.endswith(" answers 404")


def test_view_decorators_take_who_logs_in_from_people() -> None:
    name = "viewdecorators.login-redirects-anonymous"
    subject = Subject(
        app=members(), patterns={"viewdecorators": {"protected": "/notes"}}, people={"ada": ADA}
    )

    assert ask(subject, name).outcome is Outcome.PASS
    verdict = ask(
        Subject(app=members(), patterns={"viewdecorators": {"protected": "/notes"}}), name
    )
    assert verdict.outcome is Outcome.UNTESTED
    assert "[people.NAME]" in verdict.reason


def test_who_has_no_text_of_their_own_logs_in_all_the_same() -> None:
    def create_app() -> flask.Flask:
        app = flask.Flask(__name__)
        app.secret_key = secrets.token_bytes()
        things: list[str] = []

        @app.post("/login")
        def login() -> str:
            flask.session["user"] = flask.request.form["user"]
            return "in"

        @app.route("/things", methods=["GET", "POST"])
        def listed() -> Any:
            if flask.request.method == "POST":
                things.append(flask.request.form["text"])
            return things

        @app.delete("/things/<name>")
        def remove(name: str) -> str:
            if "user" not in flask.session:
                flask.abort(401)
            if name not in things:
                flask.abort(404)
            things.remove(name)
            return "gone"

        plain = app.wsgi_app

        def override(environ: Any, start_response: Any) -> Any:
            wanted = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").upper()
            if environ["REQUEST_METHOD"] == "POST" and wanted in ("PUT", "PATCH", "DELETE"):
                environ["REQUEST_METHOD"] = wanted
            return plain(environ, start_response)

        app.wsgi_app = override  # type: ignore[method-assign]
        return app

    table = {
        "things": "/things",
        "add": "POST /things",
        "remove": "DELETE /things/{name}",
        "override_header": "X-HTTP-Method-Override",
        "cached": "/things",
    }
    people = {"ada": {"login": {"path": "/login", "form": {"user": "ada"}}}}
    subject = Subject(app=create_app, patterns={"interactions": table}, people=people)

    removed = run_clause(find_clause("interactions.override-effect"), subject, Options())
    assert removed.outcome is Outcome.PASS, removed
    named = run_clause(find_clause("interactions.cached-user"), subject, Options())
    assert named.outcome is Outcome.UNTESTED
    assert "needs somebody with login and shows in [people.NAME]" in named.reason


def test_who_logs_in_is_whose_the_protected_page_is() -> None:
    binding = {"protected": {"path": "/notes", "as": "grace"}}
    subject = Subject(
        app=members(), patterns={"viewdecorators": binding}, people={"ada": ADA, "grace": GRACE}
    )

    bound = subject.patterns["viewdecorators"]
    assert bound.login.form["user"] == "grace"
    assert bound.origin("login") == "people.grace.login"
    assert bound.logout is None


def test_two_who_differ_are_those_who_have_a_text_of_their_own() -> None:
    people = {"ada": ADA, "grace": GRACE, "root": {"login": LOGIN}}
    subject = Subject(
        app=members(), patterns={"caching": {"private": "/"}, "interactions": {}}, people=people
    )

    caching, interactions = (subject.patterns[slug] for slug in ("caching", "interactions"))
    assert list(caching.people) == ["Hello, ada", "Hello, grace"]
    assert caching.logout.path == "/logout"
    assert interactions.people == {
        "Hello, ada": {"user": "ada", "password": "engine"},
        "Hello, grace": {"user": "grace", "password": "compiler"},
    }
    assert interactions.login.form is None
    alone = Subject(app=members(), patterns={"caching": {"private": "/"}}, people={"ada": ADA})
    assert (
        ask(alone, "caching.key-user").reason
        == "needs two people with login and shows in [people.NAME]"
    )


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (
            {"patterns": {"wtforms": {"page": {"path": "/", "as": "adda"}}}},
            "patterns.wtforms.page.as: nothing says who 'adda' is; did you mean 'ada'?",
        ),
        (
            {"patterns": {"wtforms": [{"name": "edit", "page": {"path": "/", "as": "bob"}}]}},
            "patterns.wtforms.page.as @edit: nothing says who 'bob' is; people: ada",
        ),
        (
            {"patterns": {"caching": {"pages": ["/", {"path": "/", "as": "x"}]}}},
            "patterns.caching.pages.1.as: nothing says who 'x' is; people: ada",
        ),
        (
            {"people": {"ada": {"login": {"path": "/", "as": "ada"}}}},
            "people.ada.login.as: a request that logs in or out is nobody's",
        ),
        (
            {"people": {"ada": {"lgoin": "/"}}},
            "unknown key people.ada.lgoin; did you mean 'login'?",
        ),
        ({"people": {"ada": {"shows": "x"}}}, "people.ada.login is missing"),
        (
            {"people": {"a b": {"login": "/"}}},
            "people: 'a b' is not a name of letters, digits, _ and -",
        ),
    ],
)
def test_what_is_wrong_about_people_is_one_sentence(table: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Subject.from_table({"people": {"ada": {"login": "/"}}, **table}, source="conformance.toml")

    assert str(caught.value) == f"conformance.toml: {sentence}"


def test_a_route_that_sends_something_is_a_post_unless_it_says_otherwise() -> None:
    def method(**table: Any) -> str:
        return Route.model_validate({"path": "/", **table}).method

    assert method() == "GET"
    assert method(form={"a": "b"}) == method(json={}) == "POST"
    assert method(form={}) == "POST"
    assert method(form={"a": "b"}, method="PATCH") == "PATCH"


@pytest.mark.parametrize("typed", ["/pictures", "POST /pictures", {"path": "/pictures"}])
def test_an_upload_is_a_post_however_it_is_typed(typed: object) -> None:
    upload = load_pattern("fileuploads").binding.model_validate({"upload": typed}).upload

    assert (upload.method, upload.path) == ("POST", "/pictures")
    assert (
        load_pattern("javascript").binding.model_validate({"receive": "PUT /x"}).receive.method
        == "PUT"
    )


def test_old_keys_work_and_say_what_is_in_their_place() -> None:
    binding = {"page": "/notes", "login": {"method": "POST", **LOGIN}, "valid": {"text": "a note"}}
    with pytest.warns(DeprecationWarning, match=r"patterns.wtforms.login is deprecated, and goes"):
        old = Subject(app=members(), patterns={"wtforms": binding})

    assert ask(old, "wtforms.get-clean").outcome is Outcome.PASS
    with pytest.warns(DeprecationWarning, match="viewdecorators.login") as caught:
        mixed = Subject(
            app=members(),
            patterns={"viewdecorators": {"protected": "/notes", "login": LOGIN}},
            people={"grace": GRACE},
        )
    assert [str(each.message) for each in caught] == [
        "the subject: patterns.viewdecorators.login is deprecated, and goes with 0.2.0: "
        "[people.NAME] has login"
    ]
    assert mixed.patterns["viewdecorators"].login.form["user"] == "ada"


SHOP = """
import flask

def create_app():
    app = flask.Flask(__name__)
    app.secret_key = "shop"
    app.add_url_rule("/", "index", lambda: f"<title>{flask.session.get('user')}</title>")
    app.add_url_rule("/login", "login", login, methods=["POST"])
    return app

def login():
    if flask.request.form["password"] != "engine":
        return "no", 401
    flask.session["user"] = "ada"
    return flask.redirect("/")
"""


def test_the_command_says_which_login_is_wrong_and_which_key_is_old(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    config = """
        app = "shop:create_app"
        [people.ada]
        login = { path = "/login", form = { password = "PASSWORD" } }
        shows = "ada"
        [patterns.favicon]
        page = { path = "/", as = "ada" }
    """
    (tmp_path / "conformance.toml").write_text(config.replace("PASSWORD", "engnie"))
    wrong = conformance(tmp_path, "doctor", "-p", "favicon")

    assert wrong.code == 2
    assert "wrong  people.ada.login " in wrong.out
    assert "POST /login is refused: 401" in wrong.out
    old = '\n[patterns.viewdecorators]\nlogin = { path = "/login", form = {} }\n'
    (tmp_path / "conformance.toml").write_text(config.replace("PASSWORD", "engine") + old)
    right = conformance(tmp_path, "check", "--clause", "favicon.link", "--json", "a.json")
    assert right.err == (
        "conformance: conformance.toml: patterns.viewdecorators.login is deprecated, and goes with "
        "0.2.0: [people.NAME] has login\n"
    )
    (row,) = json.loads((tmp_path / "a.json").read_text())["clauses"]
    assert row["verdict"] == "fail"
