"""Patterns and clauses of other people: from a package that is installed, and from a project's folder."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import Outcome, Subject, run, select
from conformance.errors import ConfigError

from .command import Run, conformance

ACME = Path(__file__).parent / "thirdparty"

#: An app whose requests have ids and whose page is in English; a mutant replaces one line.
SHOP = """
import uuid
from flask import Flask, flash, g, get_flashed_messages, render_template_string, request

PAGE = '<html lang="en"><p>{{ get_flashed_messages() }}</p></html>'

def create_app():
    app = Flask(__name__)
    app.secret_key = "c8a1d5c3b8f94b6c"

    @app.before_request
    def identify():
        g.request_id = request.headers.get("X-Request-ID") or uuid.uuid4().hex

    @app.after_request
    def tell(response):
        response.headers["X-Request-ID"] = g.request_id
        return response

    @app.route("/")
    def page():
        return render_template_string(PAGE)

    return app
"""

CONFIG = """
app = "shop:create_app"
[patterns.acme]
page = "/"
[patterns.flashing]
page = "/"
"""

#: A clause of a project's own, as a module that nothing installs.
OWN = '''
"""What this shop asks of its own pages."""
from conformance.clause import expect, must
from conformance.patterns import Harness

pattern = "flashing"

@must("", docs="https://shop.example/wiki/pages/")
def test_in_english(flashing: Harness) -> None:
    """The page that shows messages is in English.

    Usual cause: a template of the other shop.
    """
    page = flashing.send(flashing.client(), flashing.need("page"))
    expect('lang="en"' in page.text, "a page in English", page.text[:40])
'''

ACME_IDS = ["acme.kept", "acme.made", "acme.no-cookie"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder that the package is installed in, from its wheel."""
    pytest.importorskip("uv")
    pytest.importorskip("flit_core")
    folder = tmp_path_factory.mktemp("acme")
    uv = [sys.executable, "-m", "uv", "--offline", "--quiet"]
    python = ["--python", sys.executable]
    for command in (
        ["build", "--wheel", "--no-build-isolation", *python, "--out-dir", str(folder), str(ACME)],
        ["pip", "install", "--no-deps", *python, "--target", str(folder / "site"),
         str(folder / "acme_conformance-1.2.3-py3-none-any.whl")],
    ):  # fmt: skip
        subprocess.run([*uv, *command], check=True)
    return str(folder / "site")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "shop.py").write_text(SHOP)
    (folder / "conformance.toml").write_text(CONFIG)
    return folder


def verdicts(result: Path) -> dict[str, str]:
    data = json.loads(result.read_text())
    assert data["complete"]
    return {clause["id"]: clause["verdict"] for clause in data["clauses"]}


def pytest_run(folder: Path, *arguments: str, **environment: str) -> Run:
    few = ("-p", "no:cacheprovider", "-p", "no:randomly", "--conformance-max-examples", "5")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *few, *arguments],
        cwd=folder, capture_output=True, text=True, env={**os.environ, **environment},
    )  # fmt: skip
    return Run(done.returncode, done.stdout, done.stderr, 0)


# An installed package.


def test_an_installed_pattern_is_listed_explained_and_in_the_schema(
    installed: str, tmp_path: Path
) -> None:
    listed = conformance(tmp_path, "list", "--json", PYTHONPATH=installed)
    pattern = conformance(tmp_path, "explain", "acme", PYTHONPATH=installed)
    clause = conformance(tmp_path, "explain", "flashing.language", PYTHONPATH=installed)
    schema = conformance(tmp_path, "schema", PYTHONPATH=installed)

    rows = {row["id"]: row for row in json.loads(listed.out)}
    assert [name for name in rows if name.startswith("acme.")] == ACME_IDS
    assert rows["acme.kept"]["docs"] == "https://acme.example/handbook/request-ids/#ids"
    assert rows["flashing.language"]["docs"] == "https://acme.example/handbook/messages/#language"
    assert "acme: Request ids\n\n[patterns.acme]\n  page" in pattern.out
    assert 'The header field that carries the id. Else "X-Request-ID".' in pattern.out
    assert all(name in pattern.out for name in ACME_IDS)
    assert "flashing.language (should)" in clause.out
    assert "acme" in json.loads(schema.out)["$defs"]["Patterns"]["properties"]


def test_an_installed_pattern_is_checked_in_worker_processes_under_its_own_name(
    installed: str, shop: Path
) -> None:
    run = conformance(
        shop, "check", "-n", "2", "--clause", "acme.*", "--clause", "flashing.language",
        "--json", "result.json", "--html", "result.html", "--junit", "result.xml",
        "--max-examples", "5", PYTHONPATH=installed,
    )  # fmt: skip

    assert run.code == 0, run.out + run.err
    assert verdicts(shop / "result.json") == dict.fromkeys([*ACME_IDS, "flashing.language"], "pass")
    assert "nothing wrong: acme (3), flashing (1)\n" in run.out
    packages = json.loads((shop / "result.json").read_text())["environment"]["packages"]
    assert packages["acme-conformance"] == "1.2.3"
    for name in ("acme.kept", "https://acme.example/handbook/messages/#language"):
        assert name in (shop / "result.html").read_text()
        assert name in (shop / "result.xml").read_text()


@pytest.mark.parametrize(
    ("right", "wrong", "name", "words"),
    [
        ('request.headers.get("X-Request-ID") or ', "", "acme.kept", "the id 00000000"),
        ("uuid.uuid4().hex", '"1"', "acme.made", "three different ids"),
        ("return response", 'response.set_cookie("id", "1"); return response', "acme.no-cookie",
         "no cookie"),
        (' lang="en"', "", "flashing.language", "an html element with a lang attribute"),
    ],
)  # fmt: skip
def test_an_installed_clause_catches_its_mutant(
    installed: str, shop: Path, right: str, wrong: str, name: str, words: str
) -> None:
    (shop / "shop.py").write_text(SHOP.replace(right, wrong))
    run = conformance(
        shop, "check", "--clause", "acme.*", "--clause", "flashing.language",
        "--json", "result.json", "--max-examples", "5", PYTHONPATH=installed,
    )  # fmt: skip

    assert run.code == 1
    assert {name for name, it in verdicts(shop / "result.json").items() if it == "fail"} == {name}
    assert f"expected  {words}" in run.out
    assert "docs      https://acme.example/handbook/" in run.out


def test_doctor_probes_an_installed_pattern(installed: str, shop: Path) -> None:
    (shop / "conformance.toml").write_text(CONFIG.replace('"/"', '"/nowhere"', 1))
    run = conformance(shop, "doctor", "-p", "acme", PYTHONPATH=installed)

    assert run.code == 2
    assert re.search(r"^wrong +acme.page", run.out, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check", "-p", "acm"], "there is no pattern 'acm'; did you mean 'acme'?"),
        (["explain", "acme.kep"], "there is no clause 'acme.kep'; did you mean 'acme.kept'?"),
        (["check", "--clause", "acme.ade"], "no clause matches 'acme.ade'; did you mean 'acme.made'"),
    ],
)  # fmt: skip
def test_the_nearest_name_may_be_one_of_an_installed_pattern(
    installed: str, shop: Path, arguments: list[str], sentence: str
) -> None:
    run = conformance(shop, *arguments, PYTHONPATH=installed)

    assert run.code == 2
    assert sentence in run.err


def test_a_key_that_an_installed_pattern_does_not_have_is_named(installed: str, shop: Path) -> None:
    (shop / "conformance.toml").write_text(CONFIG.replace("page", "pag", 1))
    run = conformance(shop, "check", "-p", "acme", PYTHONPATH=installed)

    assert run.code == 2
    assert "unknown key patterns.acme.pag; did you mean 'page'?" in run.err


@pytest.mark.parametrize("whole", [True, False], ids=["pyargs", "star import"])
def test_pytest_collects_what_is_installed(installed: str, shop: Path, whole: bool) -> None:
    (shop / "test_shop.py").write_text("from conformance.suites import *\n")
    target = ("--pyargs", "conformance") if whole else ("test_shop.py",)
    result = pytest_run(
        shop, *target, "-k", "acme or flashing_language", "-v", PYTHONPATH=installed
    )

    assert result.code == 0, result.out
    for name in ("acme_kept", "acme_made", "acme_no_cookie", "flashing_language"):
        assert f"::test_{name} PASSED" in result.out


# An entry point at fault.


def distribution(folder: Path, name: str, group: str, entry: str, code: str = "") -> None:
    """Lay down a distribution as an installer does, with one entry point and one module."""
    about = folder / f"{name}-1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (about / "entry_points.txt").write_text(f"[{group}]\n{entry}\n")
    (folder / f"{name}.py").write_text(code)


PATTERN = """
from conformance.patterns import Binding, Harness, Pattern
pattern = Pattern("acme", "Acme", {}, Binding, (Harness,), suite="acme", docs="https://acme.example")
"""


@pytest.mark.parametrize(
    ("entry", "code", "words"),
    [
        ("acme = nowhere:pattern", "", "there is no module 'nowhere'"),
        ("acme = acme:patern", PATTERN, "has no attribute 'patern'; did you mean 'pattern'?"),
        ("acme = acme:pattern", "1/0", "importing 'acme' raised ZeroDivisionError"),
        ("acme = acme:pattern", "raise SystemExit(3)", "ended the process"),
        ("acme = acme:pattern", "pattern = 'acme'", "acme:pattern is not a Pattern but 'acme'"),
        ("acme = acme:pattern", PATTERN.replace('"acme"', '"other"', 1), "has the slug 'other'"),
        ("acme = acme:pattern", PATTERN.replace("Binding, (", "dict, ("), "does not derive from"),
        ("acme = acme:pattern", PATTERN.replace('suite="acme"', 'suite=""'), "has no suite"),
        ("acme = acme:pattern", PATTERN.replace("https://acme.example", ""), "has no docs"),
        ("acme = acme:pattern", PATTERN.replace('suite="acme"', 'suite="acm"'), "the suite of its"),
        ("acme-ids = acme:pattern", PATTERN, "a slug is a lower-case letter, then"),
        ("flashing = acme:pattern", PATTERN, "the kit has a pattern of that name"),
        ("acme =", "", "Empty module name"),
    ],
)  # fmt: skip
def test_a_faulty_pattern_is_one_sentence_that_names_it(
    shop: Path, entry: str, code: str, words: str
) -> None:
    distribution(shop / "site", "acme", "conformance.patterns", entry, code)
    run = conformance(shop, "list", PYTHONPATH=str(shop / "site"))

    name = entry.partition(" ")[0]
    assert run.code == 2
    assert run.err.startswith(
        f"conformance: acme: entry point {name!r} of conformance.patterns: "
    ), run.err
    assert words in run.err
    assert run.err.count("\n") == 1


def test_a_faulty_pattern_stops_a_check_of_any_other(shop: Path) -> None:
    distribution(shop / "site", "acme", "conformance.patterns", "acme = acme:pattern", "1/0")
    run = conformance(shop, "check", "-p", "flashing", PYTHONPATH=str(shop / "site"))

    assert run.code == 2
    assert run.err.startswith("conformance: acme: entry point 'acme' of conformance.patterns: ")


def test_a_slug_is_taken_once(shop: Path) -> None:
    for name in ("acme", "other"):
        distribution(shop / "site", name, "conformance.patterns", "acme = acme:pattern", PATTERN)
    run = conformance(shop, "list", PYTHONPATH=str(shop / "site"))

    assert run.code == 2
    assert run.err == (
        "conformance: other: entry point 'acme' of conformance.patterns: "
        "acme has a pattern of that name, too\n"
    )


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("extra = nowhere", "there is no module 'nowhere'"),
        ("extra = json:dumps", "json:dumps is not a module"),
        ("extra = extra", "extra is named as a suite, and has no clause"),
    ],
)
def test_a_faulty_suite_is_one_sentence_that_names_it(shop: Path, entry: str, words: str) -> None:
    distribution(shop / "site", "extra", "conformance.suites", entry)
    run = conformance(shop, "list", PYTHONPATH=str(shop / "site"))

    assert run.code == 2
    assert words in run.err
    assert run.err.count("\n") == 1


def test_a_faulty_package_stops_pytest_in_the_same_sentence(shop: Path) -> None:
    distribution(shop / "site", "acme", "conformance.patterns", "acme = nowhere:pattern")
    (shop / "test_shop.py").write_text("from conformance.suites import *\n")
    result = pytest_run(shop, PYTHONPATH=str(shop / "site"))

    assert result.code == 2
    assert "Exit: conformance: acme: entry point 'acme' of conformance.patterns: " in result.out
    assert "Traceback" not in result.out + result.err


# A project's own folder.


@pytest.mark.parametrize("suite", ["tests.extra", "tests/extra.py"])
def test_a_suite_of_the_project_is_named_by_the_configuration(shop: Path, suite: str) -> None:
    (shop / "tests").mkdir()
    (shop / "tests" / "__init__.py").touch()
    (shop / "tests" / "extra.py").write_text(OWN)
    config = CONFIG.replace('[patterns.acme]\npage = "/"\n', "")
    (shop / "conformance.toml").write_text(f'suites = ["{suite}"]\n{config}')
    (shop / "test_shop.py").write_text("from conformance.suites import *\n")

    listed = conformance(shop / "tests", "list", "-p", "flashing")
    explained = conformance(shop, "explain", "flashing.in-english")
    good = conformance(shop, "check", "-n", "2", "--clause", "*.in-english", "--json", "good.json")
    tested = pytest_run(shop, "-k", "flashing_in_english")
    (shop / "shop.py").write_text(SHOP.replace('lang="en"', 'lang="nl"'))
    bad = conformance(shop, "check", "--clause", "flashing.in-english", "--html", "bad.html")

    assert "must    flashing.in-english" in listed.out
    assert "Docs: https://shop.example/wiki/pages/\n" in explained.out
    assert (good.code, verdicts(shop / "good.json")) == (0, {"flashing.in-english": "pass"})
    assert "1 passed" in tested.out
    assert bad.code == 1
    assert "a page in English" in bad.out
    assert "https://shop.example/wiki/pages/" in (shop / "bad.html").read_text()


def test_a_suite_may_be_given_in_python(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop / "own_clauses.py").write_text(OWN)
    monkeypatch.chdir(shop)
    monkeypatch.setattr(sys, "path", [str(shop), *sys.path])
    import own_clauses  # type: ignore[import-not-found]

    def patterns() -> dict[str, object]:
        return {"flashing": {"page": "/"}}

    by_name = Subject(app="shop.py", patterns=patterns(), suites=["own_clauses.py"])
    by_module = Subject(app="shop.py", patterns=patterns(), suites=[own_clauses])
    clauses = select(globs=["flashing.in-*"], suites=by_name.suites)

    assert by_name.suites == by_module.suites
    assert [each.outcome for each in run(by_name, clauses)] == [Outcome.PASS]


def test_a_test_module_may_define_clauses_and_waive_them(shop: Path) -> None:
    (shop / "test_shop.py").write_text(OWN)
    config = CONFIG.replace('[patterns.acme]\npage = "/"\n', "")
    (shop / "conformance.toml").write_text(config)
    passed = pytest_run(shop, "-v")
    (shop / "shop.py").write_text(SHOP.replace('lang="en"', 'lang="nl"'))
    (shop / "conformance.toml").write_text(f'{config}[waive]\n"flashing.in-english" = "soon"\n')
    waived = pytest_run(shop, "-rx")

    assert "test_shop.py::test_in_english PASSED" in passed.out
    assert "waived: soon" in waived.out
    assert waived.code == 0


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (OWN.replace('pattern = "flashing"', ""), "a clause of 'extra', which is not a pattern"),
        (OWN.replace('"flashing"', '"flashng"'), "not a pattern; did you mean 'flashing'?"),
        (OWN.replace("in_english", "next_only"), "two clauses are flashing.next-only: "),
        ("", "extra is named as a suite, and has no clause"),
        ("import nowhere", "suites: importing 'extra' failed: there is no module 'nowhere'"),
        (None, "conformance.toml: suites: there is no file extra.py"),
    ],
)  # fmt: skip
def test_a_faulty_suite_of_the_project_is_one_sentence(
    shop: Path, code: str | None, words: str
) -> None:
    if code is not None:
        (shop / "extra.py").write_text(code)
    (shop / "conformance.toml").write_text(
        f'suites = ["extra.py"]\n{CONFIG}'.replace("acme", "favicon")
    )
    for command in (["list"], ["check", "-p", "flashing"]):
        run = conformance(shop, *command)

        assert run.code == 2
        assert words in run.err
        assert run.err.count("\n") == 1


def test_two_clauses_of_one_id_stop_pytest_and_both_places_are_named(shop: Path) -> None:
    (shop / "conformance.toml").write_text(CONFIG.replace("acme", "favicon"))
    for name in ("test_one.py", "test_two.py"):
        (shop / name).write_text(OWN)
    result = pytest_run(shop)

    assert result.code == 2
    assert re.search(
        r"two clauses are flashing.in-english: test_one.py:\d+ and test_two.py:\d+", result.out
    )


def test_a_name_that_is_taken_by_another_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text(OWN)
    monkeypatch.setattr(sys, "path", list(sys.path))

    with pytest.raises(
        ConfigError, match=r"json\.py is imported as 'json', which is .*another name"
    ):
        Subject(suites=[str(tmp_path / "json.py")])
