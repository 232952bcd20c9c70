"""The first screen of a result: worst first, short, plain where it must be, and never obeying."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from conformance.cli import main
from conformance.core.errors import Kind, Missing
from conformance.core.told import Location
from conformance.core.verdict import Failure, Outcome, Verdict
from conformance.reports import terminal
from conformance.reports.again import again, check_command
from conformance.reports.screen import Screen
from conformance.reports.text import cells, wrapped

DOCS = "https://flask.palletsprojects.com/en/stable/patterns/"
LEVELS = ("must", "should", "harden")


def verdict(name: str, outcome: str, level: str = "must", **values: Any) -> Verdict:
    slug = name.partition(".")[0]
    return Verdict(name, slug, level, "It holds.", DOCS, Outcome(outcome), **values)


def failure(**values: Any) -> Failure:
    return Failure(**{"expected": "a page", "observed": "none", "kind": "routes", **values})


def twenty_failures_of_eight_causes() -> list[Verdict]:
    """Eight patterns, each with an exception of its own that up to three clauses meet."""
    found = []
    for number in range(20):
        cause = number % 8
        told = {
            "expected": "the page that lists what was stored, with the new one among the others",
            "observed": "500 (KeyError: 'user' (shop/views/deep/inside.py:12 in save)) 265 bytes "
            * 3,
            "raised": f"KeyError: 'user number {cause} of a mapping with a rather long name'",
            "location": Location("shop/views/deep/inside.py", 100 + cause, "save"),
            "example": "x" * 3000,
            "trail": tuple(f"POST /{step} -> 200" for step in range(12)),
        }
        name = f"pattern{cause}.clause-with-a-long-name-{number}"
        found.append(verdict(name, "fail", LEVELS[cause % 3], failure=failure(**told)))
    for number in range(200):
        key = Missing(Kind.KEY, f"patterns.pattern{number % 8}.key{number % 50}")
        name = f"pattern{number % 8}.other-{number}"
        found.append(verdict(name, "untested", reason=f"needs {key.name}", missing=(key,)))
        found.append(verdict(f"pattern{number % 8}.good-{number}", "pass"))
    for number in range(16):
        bare = Missing(Kind.PLACE, f"unbound{number}")
        found.append(verdict(f"unbound{number}.x", "untested", reason="not bound", missing=(bare,)))
    return found


def report(
    verdicts: Sequence[Verdict], *, complete: bool = True, **options: Any
) -> terminal.TerminalReport:
    command = check_command("shop:create_app", "conformance.toml", {}, "wsgi", 100)
    made = terminal.TerminalReport(7, "wsgi", command, **options)
    subject = {"app": "shop:create_app", "config": "conformance.toml"}
    made.begin(subject, {"python": "3.12.1", "flask": "3.1.2"}, [each.id for each in verdicts])
    for each in verdicts:
        made.start(each.id)
        made.verdict(each)
    made.touched([])
    made.end(complete)
    return made


def printed(verdicts: Sequence[Verdict], capsys: pytest.CaptureFixture[str], **options: Any) -> str:
    report(verdicts, **options)
    return capsys.readouterr().out


def drawn(
    verdicts: Sequence[Verdict], monkeypatch: pytest.MonkeyPatch, width: int = 80, **options: Any
) -> str:
    """Return what a terminal of a width is sent."""
    file = io.StringIO()
    console = Console(
        file=file, force_terminal=True, width=width, height=40, highlight=False, markup=False,
        emoji=False, soft_wrap=True, legacy_windows=False, **options,
    )  # fmt: skip
    monkeypatch.setattr(terminal, "terminal", lambda: console)
    report(verdicts)
    # What the bar drew is taken away again, by moving up and erasing; the rest stays.
    left = file.getvalue().rpartition("\x1b[?25h")[2]
    return re.sub(r"^\n?\r?(\x1b\[(1A|2K)|\r)+\n?", "", left)


@pytest.mark.parametrize("width", [80, 100, 160])
def test_twenty_failures_of_eight_causes_fit_in_sixty_lines(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts = twenty_failures_of_eight_causes()
    piped = printed(verdicts, capsys).splitlines()
    shown = drawn(verdicts, monkeypatch, width, no_color=True).splitlines()

    assert len(piped) <= 60
    # The two lines that the run began with are above the bar.
    assert len(shown) + 2 <= 60
    for number in range(8):
        assert any(f"'user number {number} " in line for line in piped)
        assert any(f"inside.py:{100 + number} in save" in line for line in piped)
    assert any("20 failed" in line for line in piped)


def test_the_worst_comes_first_with_where_it_is_who_says_so_and_how_to_see_it_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    where = Location("shop.py", 12, "save")
    seen = failure(
        raised="KeyError: 'user'", location=where, observed=f"KeyError: 'user' ({where})"
    )
    lines = printed(
        [
            verdict("a.mild", "fail", "harden", failure=failure(observed="no header of that name")),
            verdict("b.one", "fail", "should", failure=seen),
            verdict("c.two", "fail", "must", failure=seen),
        ],
        capsys,
    ).splitlines()

    first = lines.index(" 1 must    KeyError: 'user'; expected a page")
    assert lines[first + 1 : first + 5] == [
        "           shop.py:12 in save",
        "           c.two, b.one",
        "           conformance check shop:create_app --config conformance.toml --clause c.two --seed 7",
        " 2 harden  no header of that name; expected a page",
    ]


def test_what_could_not_be_driven_comes_last_and_is_said_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    key = Missing(Kind.KEY, "patterns.a.page")
    broken = [
        verdict(
            f"a.b{number}", "broken", reason="patterns.a.page: GET / answers 404", missing=(key,)
        )
        for number in range(12)
    ]
    text = printed([*broken, verdict("b.x", "fail", "harden", failure=failure())], capsys)

    assert text.index("b.x") < text.index("set-up  patterns.a.page: GET / answers 404")
    assert text.count("answers 404") == 1


def test_a_few_failures_are_shown_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed([verdict("a.b", "fail", failure=failure(trail=("GET / -> 200",)))], capsys)

    assert "FAIL      a.b (must)\nIt holds.\n  expected  a page\n  observed  none\n" in text
    assert "  sent      GET / -> 200\n" in text


def test_verbose_shows_each_failure_in_full_when_it_is_found_and_every_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = printed(twenty_failures_of_eight_causes(), capsys, verbose=True)

    assert text.count("FAIL      pattern") == 20
    assert text.count("untested: pattern") == 200
    assert text.index("FAIL      pattern7.") < text.index("\n 1 must ")


def test_causes_that_have_no_room_have_a_line_each_and_then_a_count(
    capsys: pytest.CaptureFixture[str],
) -> None:
    verdicts = [
        verdict(
            f"a.clause-{number}", "fail", failure=failure(observed=f"deviation number {number}")
        )
        for number in range(60)
    ]
    text = printed(verdicts, capsys)

    assert len(text.splitlines()) <= 60
    assert "deviation number 0" in text
    assert "more: see -v, --html or conformance show" in text


HOSTILE = "[bold red]x[/] [link=https://evil.example]y[/link] \x1b]0;title\x07 \u202eabc :bomb: {z}"


def test_what_a_subject_says_is_shown_and_not_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts = [
        verdict(f"a.b{number}", "fail", failure=failure(observed=f"{number} {HOSTILE}"))
        for number in range(4)
    ]
    text = drawn(verdicts, monkeypatch, 200)

    assert "[bold red]x[/] [link=https://evil.example]y[/link]" in text
    assert r"\x1b]0;title\x07 \u202eabc :bomb: {z}" in text
    assert "\x1b]" not in text
    assert "\u202e" not in text


def test_there_are_colours_on_a_terminal_and_none_where_they_are_not_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verdicts = twenty_failures_of_eight_causes()

    assert "\x1b[1;31mmust" in drawn(verdicts, monkeypatch, color_system="standard")
    assert "\x1b[31m" not in drawn(verdicts, monkeypatch, no_color=True)


@pytest.mark.parametrize("width", [30, 50])
def test_a_narrow_terminal_loses_no_words(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    told = failure(observed="the header field that names the languages of the page is not there")
    text = drawn([verdict("a.b", "fail", failure=told)], monkeypatch, width, no_color=True)

    assert "the header field that names the languages of the page" in " ".join(text.split())


class CodePage(io.TextIOWrapper):
    """Standard output as an old console has it."""


@pytest.mark.parametrize("encoding", ["cp437", "cp1252", "ascii"])
def test_an_old_code_page_gets_escapes_for_what_it_lacks(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", CodePage(raw, encoding=encoding, newline="\n"))
    told = [failure(observed=f"{number} " + "文件 " * 60) for number in range(4)]
    report([verdict(f"a.b{n}", "fail", failure=each) for n, each in enumerate(told)])
    sys.stdout.flush()
    text = raw.getvalue().decode(encoding)

    assert r"\u6587\u4ef6" in text
    assert "\ufffd" not in text
    assert "…" in text or "..." in text


def test_a_pipe_is_plain_and_needs_no_rich(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(twenty_failures_of_eight_causes(), capsys)
    asked = f"import sys; from conformance.cli import main; main(['show', {file!r}], standalone_mode=False)"
    done = subprocess.run(
        [sys.executable, "-c", f"{asked}; sys.exit('rich' in sys.modules)"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert "shop:create_app: 1 failed" in done.stdout

    assert "\x1b" not in text
    assert "\r" not in text


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("文件文件 文件", 8, ["文件文件", "文件"]),
        ("", 4, [""]),
    ],
)
def test_lines_are_as_wide_as_what_they_take_of_a_terminal(
    text: str, width: int, lines: list[str]
) -> None:
    assert wrapped(text, width) == lines
    assert all(cells(line) <= width for line in lines)


def test_the_last_line_that_there_is_room_for_says_that_there_is_more() -> None:
    assert wrapped("one two three four", 8, 2) == ["one two", "three…"]


def test_how_to_ask_again_is_one_line_with_all_that_was_given() -> None:
    command = check_command(
        "shop:create_app('a b')", None, {"redis": "redis://:secret@host/1", "rabbitmq": "amqp://host"},
        "waitress", 20,
    )  # fmt: skip
    line = again(command, 3, verdict("a.b", "fail"))

    assert line == (
        """conformance check 'shop:create_app('"'"'a b'"'"')' --service redis=URL """
        "--service rabbitmq=amqp://host --transport waitress --max-examples 20 --clause a.b --seed 3"
    )


def test_the_screen_has_no_style_that_the_terminal_does_not_know() -> None:
    screen = Screen("shop", twenty_failures_of_eight_causes(), lambda v: v.id, 0, 9, complete=False)
    styles = {style for line in screen.lines() for _, style in line}

    assert styles - {""} <= set(terminal._STYLES)


def result(*verdicts: Verdict) -> dict[str, Any]:
    outcomes = [each.outcome for each in verdicts]
    return {
        "schema_version": 1, "complete": True, "kit": {"version": "1"}, "seed": 5,
        "command": ["conformance", "check", "shop:create_app"],
        "subject": {"app": "shop:create_app", "config": None},
        "environment": {"flask": "3.1.2", "python": "3.12.1", "werkzeug": "3.1", "packages": {}},
        "clauses": [each.to_json() for each in verdicts],
        "summary": {outcome.value: outcomes.count(outcome) for outcome in Outcome},
    }  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> str:
    long = failure(example="y" * 2000, curl=("curl -i http://localhost:5000/ " + "-H x " * 50,))
    rows = [verdict("a.b", "fail", failure=long), verdict("a.c", "untested", reason="needs x")]
    path = tmp_path / "result.json"
    path.write_text(json.dumps(result(*rows)))
    return str(path)


def test_show_prints_one_verdict_whole(file: str) -> None:
    run = CliRunner().invoke(main, ["show", "a.b", file])

    assert run.exit_code == 0
    assert "y" * 2000 in run.output.replace("\n", "").replace(" ", "")
    assert "  again     conformance check shop:create_app --clause a.b --seed 5\n" in run.output
    (line,) = (line for line in run.output.splitlines() if line.startswith("  curl"))
    assert line.count("-H x") == 50


def test_show_tells_why_a_clause_was_not_tested(file: str) -> None:
    run = CliRunner().invoke(main, ["show", "a.c", file])

    assert "UNTESTED  a.c (must)" in run.output
    assert "  reason    needs x" in run.output


def test_show_without_a_clause_is_the_first_screen(file: str) -> None:
    run = CliRunner().invoke(main, ["show", file])

    assert run.exit_code == 0
    assert "shop:create_app: 1 failed, 1 untested (seed 5)" in run.output


def test_show_names_the_nearest_clause(file: str) -> None:
    run = CliRunner().invoke(main, ["show", "a.bb", file])

    assert run.exit_code == 2
    assert "the result has no clause 'a.bb'; did you mean 'a.b'?" in run.output
