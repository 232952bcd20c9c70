"""The reader of pages sees what a browser sees, end tags or not."""

from __future__ import annotations

import pytest

from conformance.instruments.html import Page


@pytest.mark.parametrize(
    ("html", "texts"),
    [
        ("<p>a<p>b", ["a", "b"]),
        ("<p class=x>a<h2>t</h2>b", ["a"]),
        ("<p>a<b>b</b>c</p>d", ["abc"]),
        ("<p>a<button><p>b</button>c<p>d", ["abc", "b", "d"]),
        ("<table><td><p>a<td><p>b</table>", ["a", "b"]),
        ("<ul><li><p>a<li><p>b</ul>", ["a", "b"]),
        ("<p>a<form><p>b</form>", ["a", "b"]),
    ],
)
def test_a_paragraph_ends_where_a_browser_ends_it(html: str, texts: list[str]) -> None:
    assert [element.text for element in Page(html).find("p")] == texts
