"""The clauses of `acme`."""

from __future__ import annotations

from hypothesis import strategies as st

from conformance.clause import example, expect, given, must, should

from . import AcmeHarness
from . import pattern as pattern  # Whose clauses these are.

NAMES = st.text("0123456789abcdef-", min_size=8, max_size=36)


@must("ids")
@example(name="00000000")
@given(name=NAMES)
def test_kept(acme: AcmeHarness, name: str) -> None:
    """A response carries the id that its request came with.

    Else the trail of a request ends where it goes from one service to another.

    Usual cause: each service makes an id of its own.
    """
    found = acme.ids(acme.get(name))
    expect(found == [name], f"the id {name}", found)


@must("ids")
def test_made(acme: AcmeHarness) -> None:
    """A request without an id gets one that no other request has.

    Usual cause: the id is made when the module is imported.
    """
    found = [acme.ids(acme.get()) for _ in range(3)]
    expect(all(len(ids) == 1 for ids in found), "one id in each response", found)
    expect(len({ids[0] for ids in found}) == 3, "three different ids", found)


@should("")
def test_no_cookie(acme: AcmeHarness) -> None:
    """The id is not kept in a cookie, where it would name a person rather than a request.

    Usual cause: the id is stored in the session.
    """
    response = acme.get()
    expect(not response.header_values("Set-Cookie"), "no cookie", response.headers)
