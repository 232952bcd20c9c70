"""The transports: what is sent arrives as it was, whatever carries it."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import flask
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from conformance.core.errors import Broken, Untested
from conformance.core.ledger import Ledger
from conformance.transports import TRANSPORTS, Client, Request, Response, Server, Upload
from conformance.transports.messages import multipart

StartResponse = Callable[..., Any]
Environ = dict[str, Any]


def echo(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answers with what arrived, as JSON."""
    length = environ.get("CONTENT_LENGTH")
    stream = environ["wsgi.input"]
    body = stream.read() if environ.get("wsgi.input_terminated") else stream.read(int(length or 0))
    seen = {
        "method": environ["REQUEST_METHOD"],
        "path": environ["PATH_INFO"],
        "query": environ["QUERY_STRING"],
        "host": environ.get("HTTP_HOST"),
        "body": body.hex(),
        "x": environ.get("HTTP_X_MARK"),
    }
    start_response("200 OK", [("Content-Type", "application/json"), ("X-A", "1"), ("X-A", "2")])
    return [json.dumps(seen).encode()]


@contextmanager
def served(name: str, app: Any) -> Iterator[Server]:
    server = TRANSPORTS[name].serve(app)
    try:
        yield server
    finally:
        server.close()


@pytest.fixture(params=list(TRANSPORTS), scope="module")
def echoing(request: pytest.FixtureRequest) -> Iterator[Server]:
    with served(request.param, echo) as server:
        yield server


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    path=st.text("abcdefghijklmnop-_~.", max_size=20),
    query=st.dictionaries(st.text("abc", min_size=1), st.text(max_size=10), max_size=3),
    body=st.binary(max_size=3000),
    chunked=st.booleans() | st.lists(st.integers(1, 500), min_size=1, max_size=5),
    mark=st.text("abcXYZ012 ;=", min_size=1).map(str.strip).filter(bool),
)
@example(method="POST", path="", query={}, body=b"", chunked=False, mark="x")
def test_a_request_arrives_as_it_was_sent(
    echoing: Server, method: str, path: str, query: Any, body: bytes, chunked: Any, mark: str
) -> None:
    request = Request.build(
        method, f"/{path}", query=query, data=body, chunked=chunked, headers={"X-Mark": mark}
    )
    seen = echoing.send(request).json()

    assert seen["method"] == method
    assert seen["path"] == f"/{path}"
    assert f"{seen['path']}{'?' * bool(query)}{seen['query']}" == request.target
    assert bytes.fromhex(seen["body"]) == body
    assert (seen["x"], seen["host"]) == (mark, "localhost")


def test_repeated_headers_keep_their_order(echoing: Server) -> None:
    assert echoing.send(Request()).header_values("x-a") == ["1", "2"]


def test_percent_encoded_bytes_reach_the_path_as_latin_1(echoing: Server) -> None:
    assert echoing.send(Request(target="/%C3%A9")).json()["path"] == "/Ã©"


@pytest.mark.parametrize("name", list(TRANSPORTS))
def test_a_stream_is_read_piece_by_piece_and_closed_half_way(name: str) -> None:
    closed = threading.Event()
    gate = threading.Event()

    class Pieces:
        def __init__(self) -> None:
            self.sent = 0

        def __iter__(self) -> Pieces:
            return self

        def __next__(self) -> bytes:
            # The second piece exists only once the client has read the first.
            if self.sent and TRANSPORTS[name].same_process:
                gate.wait(10)
            self.sent += 1
            return b"piece %d\n" % self.sent

        def close(self) -> None:
            closed.set()

    def endless(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return Pieces()

    with served(name, endless) as server, server.stream(Request()) as stream:
        assert next(stream).startswith(b"piece 1\n")
        gate.set()
        assert b"piece" in next(stream)
        stream.close()
        if TRANSPORTS[name].same_process:
            assert closed.wait(10)


@pytest.mark.parametrize("name", list(TRANSPORTS))
def test_an_app_that_raises_answers_500(name: str) -> None:
    def failing(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        raise KeyError("user")

    with served(name, failing) as server:
        response = server.send(Request())

    assert response.status == 500
    if name == "wsgi":
        assert isinstance(response.error, KeyError)


def test_an_error_page_says_what_it_was_raised_for_and_a_later_one_does_not() -> None:
    app = flask.Flask("shop")
    app.add_url_rule("/key", "key", lambda: {}["user"])
    app.add_url_rule("/busy", "busy", lambda: ("busy", 503))
    with served("wsgi", app.wsgi_app) as server:
        client = Client(server, Ledger())
        failed, busy = client.get("/key"), client.get("/busy")

    assert failed.error is None
    assert str(failed).startswith("500 (KeyError: 'user' (")
    assert "tests/test_transports.py:" in str(failed)
    assert str(busy) == "503 4 bytes of HTML 'busy'"


@pytest.mark.parametrize("name", ["werkzeug", "waitress", "gunicorn"])
def test_environ_overrides_are_for_the_wsgi_transport_only(name: str) -> None:
    with served(name, echo) as server, pytest.raises(Untested, match="needs to set REMOTE_ADDR"):
        server.send(Request(environ={"REMOTE_ADDR": "10.0.0.1"}))


def test_an_answer_that_never_ends_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.transports.wsgi.LONGEST_BODY", 1000)

    def endless(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        while True:
            yield b"x" * 100

    with served("wsgi", endless) as server, pytest.raises(Broken, match="does not end"):
        server.send(Request())


def client(*cookies: str) -> Client:
    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        headers = [("Set-Cookie", c) for c in cookies] if environ["PATH_INFO"] == "/set" else []
        start_response("200 OK", headers)
        return [environ.get("HTTP_COOKIE", "").encode()]

    made = Client(TRANSPORTS["wsgi"].serve(app), Ledger())
    made.get("/set")
    return made


@pytest.mark.parametrize(
    ("cookie", "path", "sent"),
    [
        ("a=1; Path=/", "/x", "a=1"),
        ("a=1; Path=/shop", "/shop/cart", "a=1"),
        ("a=1; Path=/shop", "/shopping", ""),
        ("a=1; Path=/; Max-Age=0", "/", ""),
        ("a=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "/", ""),
        ("a=1; Path=/; Expires=Thu, 01 Jan 2060 00:00:00 GMT", "/", "a=1"),
        ("a=1", "/other", "a=1"),
        (f"a={'x' * 4095}; Path=/", "/", f"a={'x' * 4095}"),
        (f"a={'x' * 4096}; Path=/", "/", ""),
    ],
)
def test_the_jar_keeps_what_a_browser_would_keep(cookie: str, path: str, sent: str) -> None:
    assert client(cookie).get(path).text == sent


def test_a_redirect_is_resolved_and_followed() -> None:
    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/a/b":
            start_response("303 See Other", [("Location", "../c?d=1")])
            return [b""]
        start_response("200 OK", [])
        return [f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}".encode()]

    made = Client(TRANSPORTS["wsgi"].serve(app), Ledger())

    assert made.post("/a/b", follow=True).text == "GET /c"


@pytest.mark.parametrize(("status", "followed"), [(300, False), (303, True), (304, False)])
def test_a_redirect_is_what_browsers_follow(status: int, followed: bool) -> None:
    assert Response(status, (("Location", "/"),)).is_redirect is followed
    assert not Response(status).is_redirect


def test_every_request_is_in_the_ledger() -> None:
    made = client("a=1")
    made.get("/x")

    assert made.ledger.requests == 2
    assert [str(step).split(" -> ")[0] for step in made.ledger.trail] == [
        "GET /set",
        "GET /x [Cookie: a=1]",
    ]


def test_multipart_names_files_as_browsers_do() -> None:
    body = multipart([("a", "1")], [("file", Upload('x"y\r\nz.txt', b"data", "text/plain"))])

    assert (
        b'name="file"; filename="x%22y%0D%0Az.txt"\r\nContent-Type: text/plain\r\n\r\ndata' in body
    )


@pytest.mark.parametrize(
    ("request_", "line"),
    [
        (Request(), "curl -i http://localhost:5000/"),
        (Request.build("POST", "/a b".replace(" ", "%20"), form={"x": "1 & 2"}),
         "curl -i -X POST -H 'Content-Type: application/x-www-form-urlencoded' http://localhost:5000/a%20b --data-binary x=1+%26+2"),
        (Request("HEAD"), "curl -i --head http://localhost:5000/"),
        (Request(host="evil.example"), "curl -i -H 'Host: evil.example' http://localhost:5000/"),
        (Request(target="/../x"), "curl -i --path-as-is http://localhost:5000/../x"),
        (Request("POST", body=b"\x00'\xff"), r"curl -i -X POST -H Content-Type: http://localhost:5000/ --data-binary $'\x00\x27\xff'"),
        (Request("POST", headers=(("Content-Type", "text/plain"),), body=b"@a"), "curl -i -X POST -H 'Content-Type: text/plain' http://localhost:5000/ --data-raw @a"),
    ],
)  # fmt: skip
def test_curl_lines_send_the_request_again(request_: Request, line: str) -> None:
    assert request_.curl() == line


def test_werkzeugs_server_closes_an_answer_whose_client_resets_the_connection() -> None:
    reset, closed = threading.Event(), threading.Event()

    class Answer:
        def __iter__(self) -> Iterator[bytes]:
            yield b"x"
            reset.wait(5)

        def close(self) -> None:
            closed.set()

    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", "1")])
        return Answer()

    with served("werkzeug", app) as server:
        address = server.base_url.removeprefix("http://").split(":")
        with socket.create_connection((address[0], int(address[1]))) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            client.recv(1)
            # Closed at once, which is a reset.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        reset.set()

        assert closed.wait(5)
