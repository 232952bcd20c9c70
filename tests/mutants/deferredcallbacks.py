"""Deferred callbacks, each with one believable mistake."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import flask

from conformance import Subject
from reference import deferredcallbacks as right
from tests.proof import mutant

Function = Callable[[flask.Response], flask.Response]


def defer(after_this_request: Callable[[Function], Any]) -> Subject:
    return Subject(patterns={"deferredcallbacks": {"after_this_request": after_this_request}})


def hook(function: Callable[[], Any]) -> Subject:
    binding = {"hook": function, "attribute": "language"}
    return Subject(patterns={"deferredcallbacks": binding})


def application(change: Callable[[flask.Flask], object]) -> Subject:
    """The reference's page in an app of its own, after a change of the app."""

    def create_app() -> flask.Flask:
        app = flask.Flask("reference")
        right.init_app(app)
        change(app)
        return app

    binding = {"page": "/deferredcallbacks/", "attribute": "language"}
    return Subject(app=create_app, patterns={"deferredcallbacks": binding})


def changed(change: Function) -> Subject:
    """The reference's hook, with a change of the response that comes out."""

    def detect() -> None:
        right.detect_user_language()
        # Registered last, so that it acts on what the others made.
        flask.after_this_request(change)

    return hook(detect)


def cookie(**options: Any) -> Subject:
    """The reference's hook, with other options of the cookie."""

    def again(response: flask.Response) -> flask.Response:
        if "Set-Cookie" in response.headers:
            response.headers.remove("Set-Cookie")
            given = {"samesite": "Lax", "max_age": 3600, "secure": flask.request.is_secure}
            response.set_cookie("user_lang", flask.g.language, **{**given, **options})
        return response

    return changed(again)


@mutant("runs-once", says="once", also=["only-this-request", "on-error-responses", "order",
        "closure-values", "failing-callback", "stream", "deferred-while-running"])  # fmt: skip
def registered_twice() -> Subject:
    """Each function is registered twice."""

    def after_this_request(function: Function) -> None:
        flask.after_this_request(function)
        flask.after_this_request(function)

    return defer(after_this_request)


@mutant("only-this-request", says="requests=[[0],", also=["runs-once", "on-error-responses", "order",
        "closure-values", "failing-callback", "stream", "deferred-while-running"])  # fmt: skip
def list_of_the_module() -> Subject:
    """The functions are kept in a list of the application, which nothing empties."""

    def after_this_request(function: Function) -> None:
        functions = flask.current_app.extensions.setdefault("deferred", [])
        functions.append(function)
        if "deferred" not in flask.g:
            flask.g.deferred = functions
            flask.after_this_request(run)

    def run(response: flask.Response) -> flask.Response:
        for function in flask.g.deferred:
            response = function(response)
        return response

    return defer(after_this_request)


@mutant("on-error-responses", says="in a 403 response")
def around_the_view() -> Subject:
    """What was deferred is left out where the answer is an error."""

    def after_this_request(function: Function) -> None:
        @flask.after_this_request
        def only_good(response: flask.Response) -> flask.Response:
            return response if response.status_code >= 400 else function(response)

    return defer(after_this_request)


@mutant("only-this-request", says="'left'", also=["deferred-while-running", "no-callback-outside"])
def emptied_when_run() -> Subject:
    """The functions wait in a list that is emptied when they run, which an exception passes by."""
    waiting: list[Function] = []

    def after_this_request(function: Function) -> None:
        waiting.append(function)

    def init_app(app: flask.Flask) -> None:
        @app.after_request
        def run(response: flask.Response) -> flask.Response:
            functions, waiting[:] = waiting[:], []
            for function in functions:
                response = function(response)
            return response

    binding = {"after_this_request": after_this_request, "init_app": init_app}
    return Subject(patterns={"deferredcallbacks": binding})


@mutant(
    "response-returned",
    says="without Accept-Language",
    also=["value-consistent", "known-values"],
)
def no_wish_no_value() -> Subject:
    """For a client that says nothing the guess is None, which no cookie takes."""

    def detect() -> None:
        if "Accept-Language" in flask.request.headers:
            right.detect_user_language()
            return
        flask.g.language = None
        if "user_lang" not in flask.request.cookies:

            @flask.after_this_request
            def remember(response: flask.Response) -> flask.Response:
                response.set_cookie("user_lang", flask.g.language)
                return response

    return hook(detect)


@mutant("conditional-cookie", says="set again")
def set_each_time() -> Subject:
    """The cookie is set in each answer."""

    def again(response: flask.Response) -> flask.Response:
        if "Set-Cookie" not in response.headers:
            response.set_cookie("user_lang", flask.g.language, samesite="Lax")
        return response

    return changed(again)


@mutant("value-consistent", says="in the first request")
def guessed_again() -> Subject:
    """The request uses the default where it only just guessed the value."""

    def detect() -> None:
        right.detect_user_language()
        if "user_lang" not in flask.request.cookies:
            flask.g.language = "de" if flask.g.language == "en" else "en"

    return hook(detect)


@mutant("response-returned", says="TypeError", also=["runs-once", "only-this-request",
        "on-error-responses", "conditional-cookie", "value-consistent", "known-values",
        "vary", "stream"])  # fmt: skip
def nothing_returned() -> Subject:
    """The deferred function does not return the response."""
    return changed(lambda response: None)  # type: ignore[arg-type,return-value]


@mutant("response-returned", says="a response to a request whose view aborts with 403")
def fails_on_errors() -> Subject:
    """The deferred function expects that a view ran."""

    def greet(response: flask.Response) -> flask.Response:
        if response.status_code == 403:
            raise AttributeError("user")
        return response

    return changed(greet)


@mutant("order", says="in this order", also=["deferred-while-running"])
def last_first() -> Subject:
    """The functions are taken from the end of the list."""

    def after_this_request(function: Function) -> None:
        if "deferred" not in flask.g:
            flask.g.deferred = []
            flask.after_this_request(run)
        flask.g.deferred.append(function)

    def run(response: flask.Response) -> flask.Response:
        for function in reversed(flask.g.deferred):
            response = function(response)
        return response

    return defer(after_this_request)


@mutant("order", says="place=1")
def first_response_kept() -> Subject:
    """The loop hands each function the response that it began with."""

    def after_this_request(function: Function) -> None:
        if "deferred" not in flask.g:
            flask.g.deferred = []
            flask.after_this_request(run)
        flask.g.deferred.append(function)

    def run(response: flask.Response) -> flask.Response:
        result = response
        for function in flask.g.deferred:
            result = function(response)
        return result

    return defer(after_this_request)


@mutant("closure-values", says="2 functions to run", also=["runs-once", "only-this-request",
        "on-error-responses", "order", "failing-callback", "stream",
        "deferred-while-running"])  # fmt: skip
def by_name() -> Subject:
    """A function of a name that is there already takes its place."""

    def after_this_request(function: Function) -> None:
        if "deferred" not in flask.g:
            flask.g.deferred = {}
            flask.after_this_request(run)
        flask.g.deferred[function.__name__] = function

    def run(response: flask.Response) -> flask.Response:
        for function in flask.g.deferred.values():
            response = function(response)
        return response

    return defer(after_this_request)


@mutant("failing-callback", says="'m0' ran, in a 500 response", also=["only-this-request"])
def left_over() -> Subject:
    """The list of the thread is not emptied where a function raises."""

    def after_this_request(function: Function) -> None:
        local = flask.current_app.extensions.setdefault("deferred", threading.local())
        functions = vars(local).setdefault("functions", [])
        functions.append(function)
        if "deferred" not in flask.g:
            flask.g.deferred = functions
            flask.after_this_request(run)

    def run(response: flask.Response) -> flask.Response:
        for function in flask.g.deferred:
            response = function(response)
        flask.g.deferred.clear()
        return response

    return defer(after_this_request)


@mutant("known-values", says="'xx-unknown'")
def cookie_trusted() -> Subject:
    """The cookie's value is used as it came."""

    def detect() -> None:
        right.detect_user_language()
        flask.g.language = flask.request.cookies.get("user_lang", flask.g.language)

    return hook(detect)


@mutant("known-values", says="'None'")
def no_default() -> Subject:
    """Where no language matches, the text of None is remembered."""

    def detect() -> None:
        right.detect_user_language()
        if flask.request.accept_languages and "user_lang" not in flask.request.cookies:
            flask.g.language = flask.request.accept_languages.best_match(right.LANGUAGES)

    def remember(response: flask.Response) -> flask.Response:
        if flask.g.language is None:
            response.headers.remove("Set-Cookie")
            response.set_cookie("user_lang", str(flask.g.language), samesite="Lax")
        return response

    def both() -> None:
        detect()
        flask.after_this_request(remember)

    return hook(both)


@mutant("cookie-attrs", says="it has no SameSite")
def no_same_site() -> Subject:
    """The cookie does not say when it may be sent."""
    return cookie(samesite=None)


@mutant("cookie-attrs", says="Max-Age of 400 days")
def ten_years() -> Subject:
    """The cookie is to stay for ten years."""
    return cookie(max_age=3650 * 86400)


@mutant("cookie-attrs", says="Secure in a cookie")
def not_secure() -> Subject:
    """The cookie of an https page also goes out over http."""
    return cookie(secure=False)


@mutant("vary", says="no Vary and no Cache-Control")
def varies_in_secret() -> Subject:
    """Nothing says that the answer depends on the language that was asked for."""

    def change(response: flask.Response) -> flask.Response:
        del response.headers["Vary"]
        return response

    return changed(change)


@mutant("no-callback-outside", says="of nobody'", also=["only-this-request"])
def waits_for_a_request() -> Subject:
    """Outside of a request, the function waits for the next one."""
    waiting: list[Function] = []

    def after_this_request(function: Function) -> None:
        waiting.append(function)
        while waiting and flask.has_request_context():
            flask.after_this_request(waiting.pop(0))

    return defer(after_this_request)


@mutant("stream", says="the pieces of the stream")
def body_counted() -> Subject:
    """The deferred function reads the body to announce its length."""

    def count(response: flask.Response) -> flask.Response:
        response.headers["Content-Length"] = str(len(response.get_data()))
        return response

    return changed(count)


def with_hook(after_this_request: Callable[..., Any], run: Callable[..., Any]) -> Subject:
    """Functions that wait on `g`, and a hook of the app that runs them."""

    def init_app(app: flask.Flask) -> None:
        app.after_request(run)

    binding = {"after_this_request": after_this_request, "init_app": init_app}
    return Subject(patterns={"deferredcallbacks": binding})


def wait(function: Function) -> None:
    """Let a function wait on `g`, in a request."""
    if not flask.has_request_context():
        raise RuntimeError("there is no request to wait for")
    flask.g.setdefault("waiting", []).append(function)


@mutant("runs-once", says="`send_file` answers")
def not_for_files() -> Subject:
    """The hook leaves files alone, as it looks at the body of each page as well."""

    def run(response: flask.Response) -> flask.Response:
        if not response.direct_passthrough:
            for function in flask.g.get("waiting", ()):
                response = function(response)
        return response

    return with_hook(wait, run)


@mutant("runs-once", says="Range")
def again_for_a_part() -> Subject:
    """A part of a file goes through the hooks once more, as a response that is made anew."""

    def run(response: flask.Response) -> flask.Response:
        for _ in range(2 if response.status_code in (206, 304) else 1):
            for function in flask.g.get("waiting", ()):
                response = function(response)
        return response

    return with_hook(wait, run)


@mutant("deferred-while-running", says="'then', which 'first' defers")
def runs_what_was_there() -> Subject:
    """What is deferred while the functions run comes too late, and is gone."""

    def run(response: flask.Response) -> flask.Response:
        for function in list(flask.g.get("waiting", ())):
            response = function(response)
        return response

    return with_hook(wait, run)


@mutant("runs-once", says="enters another app context and leaves it")
def emptied_with_any_context() -> Subject:
    """The functions of a thread are dropped when an app context ends, whichever it is."""
    local = threading.local()

    def after_this_request(function: Function) -> None:
        if flask.has_request_context():
            vars(local).setdefault("waiting", []).append(function)

    def init_app(app: flask.Flask) -> None:
        @app.after_request
        def run(response: flask.Response) -> flask.Response:
            for function in vars(local).get("waiting", []):
                response = function(response)
            return response

        @app.teardown_appcontext
        def drop(error: BaseException | None) -> None:
            vars(local).pop("waiting", None)

    binding = {"after_this_request": after_this_request, "init_app": init_app}
    return Subject(patterns={"deferredcallbacks": binding})


@mutant("response-returned", says="the before-request function `language`")
def value_instead_of_the_page() -> Subject:
    """The hook returns the language where it is known already, and Flask sends that."""

    def change(app: flask.Flask) -> None:
        @app.before_request
        def language() -> Any:
            kept = flask.request.cookies.get("user_lang")
            if kept in right.LANGUAGES:
                flask.g.language = kept
                return kept
            return None

    return application(change)


@mutant("preferred-value", says="'en'")
def first_language_alone() -> Subject:
    """Only the first language of the header is looked at."""

    def change(app: flask.Flask) -> None:
        @app.before_request
        def shorten() -> None:
            environ = flask.request.environ
            header = environ.get("HTTP_ACCEPT_LANGUAGE", "")
            environ["HTTP_ACCEPT_LANGUAGE"] = header.partition(",")[0]

    return application(change)
