"""The oracle for redirects goes where a browser goes."""

from __future__ import annotations

import random

import flask
import pytest

from conformance import Subject
from conformance.core.errors import Untested
from conformance.instruments.bench import Bench
from conformance.instruments.whatwg import origin
from conformance.patterns.harness import Harness
from conformance.transports import TRANSPORTS

HERE = "http://localhost"
PIECES = [*"/\\\t\n\r@?#.:", " ", "//", "http:", "HTTPS:", "ws:", "javascript:", "evil.example",
          "EVIL.example", "é.example", "%65vil.example", "localhost", ":80", ":443", ":8080",
          "user:pw", "[::1]", "%2f", "%5c", "\x00", "\x01", "a"]  # fmt: skip


@pytest.mark.parametrize(
    ("reference", "goes"),
    [
        ("", HERE),
        ("/path//evil.example", HERE),
        ("?next=//evil.example", HERE),
        ("./evil.example", HERE),
        ("http:evil.example", HERE),
        ("/%09/evil.example", HERE),
        ("http://LOCALHOST:80/", HERE),
        ("//evil.example", "http://evil.example"),
        ("///evil.example", "http://evil.example"),
        ("/\\evil.example", "http://evil.example"),
        (" \\/evil.example", "http://evil.example"),
        ("/\t/evil.example", "http://evil.example"),
        ("/\n\r/evil.example", "http://evil.example"),
        ("http:\\\\evil.example", "http://evil.example"),
        ("https:evil.example", "https://evil.example"),
        ("https:/evil.example:8443", "https://evil.example:8443"),
        ("//localhost@evil.example", "http://evil.example"),
        ("//evil.example\\@localhost", "http://evil.example"),
        ("\x01//evil%2eexample", "http://evil.example"),
        ("java\tscript:alert(1)", "javascript:"),
        ("//", None),
        ("//a b/", None),
        ("//localhost:99999", None),
    ],
)
def test_known_traps(reference: str, goes: str | None) -> None:
    assert origin(reference, HERE) == goes


def test_a_browser_goes_there_too() -> None:
    drawn = random.Random(0)
    references = ["".join(drawn.choices(PIECES, k=drawn.randint(1, 6))) for _ in range(3000)]
    bench = Bench(Subject(), TRANSPORTS["wsgi"])
    harness = Harness("site", None, bench)  # type: ignore[type-var]
    try:
        with harness.tab(flask.Flask("site")) as tab:
            goes = tab.page.evaluate(
                """([references, here]) => references.map(reference => {
                    try {
                        const url = new URL(reference, here);
                        return url.origin === "null" ? url.protocol : url.origin;
                    } catch { return null; }
                })""",
                [references, HERE],
            )
    except Untested as error:
        pytest.skip(str(error))
    finally:
        bench.close()

    for reference, there in zip(references, goes, strict=True):
        found = origin(reference, HERE)
        # Chromium takes a space in a host, which the standard refuses; and what follows the
        # colon of another scheme does not matter here.
        if not (there and "%20" in there) and not (found or "").endswith(":"):
            assert found == there, reference
