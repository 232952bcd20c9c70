"""The `conformance` command: selection, exit codes, reports, and what it says of wrong input."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from conformance.cli import exit_code, main
from conformance.core.verdict import Outcome, Verdict
from conformance.patterns import load_pattern, pattern_slugs
from conformance.suites.catalogue import all_clauses, clauses_of

from .command import CONFIG, SHOP, Run, conformance

OVERRIDE = "reference.methodoverrides:MethodOverride"


#: An app whose processes note that they are there, and wait for as many as are wanted.
COUNTED = """
import itertools, os, time
from flask import Flask

print(os.getpid(), file=open("processes", "a"))
requests = itertools.count()

def thing():
    # The first ones are the preflight's, which only one process does.
    while next(requests) > 20 and len(list(open("processes"))) < int(os.environ["WANTED"]):
        time.sleep(0.01)
    return "thing"

def create_app():
    app = Flask(__name__)
    app.add_url_rule("/thing", "thing", thing, methods=["GET", "POST", "PUT", "DELETE"])
    return app
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "conformance.toml").write_text(CONFIG)
    return tmp_path


def check(folder: Path, *arguments: str, **environment: str) -> Run:
    return conformance(
        folder, "check", "-p", "methodoverrides", "--max-examples", "10", *arguments, **environment
    )


def test_check_shows_a_failure_with_everything_needed_to_act_on_it(shop: Path) -> None:
    run = check(shop, "--clause", "*.post-override")

    assert run.code == 1
    for words in (
        "methodoverrides.post-override (must)",
        "expected  the app to see DELETE",
        "observed  it saw POST",
        "example   token='DELETE'",
        "curl -i -X POST -H 'X-HTTP-Method-Override: DELETE' http://localhost:5000/thing",
        "https://flask.palletsprojects.com/en/stable/patterns/methodoverrides/",
    ):
        assert words in run.out


def test_output_is_plain_where_it_is_no_terminal(shop: Path) -> None:
    assert "\x1b" not in check(shop, "--clause", "*.post-override").out


def test_component_keys_alone_need_no_app(tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_text(
        f'[patterns.methodoverrides]\nmiddleware = "{OVERRIDE}"\n'
    )
    run = check(tmp_path, "--json", "result.json")

    summary = json.loads((tmp_path / "result.json").read_text())["summary"]
    assert (run.code, summary["fail"], summary["untested"]) == (0, 0, 1)
    assert "app-object-kept: needs route in [patterns.methodoverrides]" in run.out


def test_all_reports_say_the_same(shop: Path) -> None:
    run = check(shop, "--json", "a.json", "--junit", "a.xml", "--html", "a.html")

    result = json.loads((shop / "a.json").read_text())
    suite = ET.parse(shop / "a.xml").getroot()[0]
    page = (shop / "a.html").read_text()
    assert result["complete"]
    assert run.code == 1
    assert int(suite.attrib["tests"]) == len(result["clauses"])
    assert int(suite.attrib["failures"]) == result["summary"]["fail"] > 0
    for clause in result["clauses"]:
        assert f'id="{clause["id"]}"' in page
    properties = {p.attrib["name"]: p.attrib["value"] for p in suite.iter("property")}
    assert set(properties) == {"clause", "level", "docs"}


def test_the_result_has_the_shape_that_its_schema_gives(shop: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    from conformance.reports.json import result_schema

    check(shop, "--json", "a.json")

    jsonschema.validate(json.loads((shop / "a.json").read_text()), result_schema())


def test_two_workers_give_the_verdicts_of_one(shop: Path) -> None:
    check(shop, "--json", "one.json")
    check(shop, "--json", "two.json", "-n", "2")

    run = conformance(shop, "compare", "one.json", "two.json")
    assert run.code == 0
    assert "0 of" in run.out


@pytest.mark.parametrize(("arguments", "count"), [((), 2), (("-n", "1"), 1)])
def test_the_configuration_says_how_many_workers_there_are_unless_told_otherwise(
    shop: Path, arguments: tuple[str, ...], count: int
) -> None:
    (shop / "shop.py").write_text(COUNTED)
    # Else the run would remove what it has made.
    (shop / "conformance.toml").write_text('workers = 2\ndisposable = ["processes"]\n' + CONFIG)

    check(shop, *arguments, WANTED=str(count))

    assert len((shop / "processes").read_text().splitlines()) == count


def test_compare_says_what_changed(shop: Path) -> None:
    check(shop, "--json", "before.json")
    (shop / "shop.py").write_text(SHOP + f"\n    # fixed\n{_fixed()}")
    check(shop, "--json", "after.json")

    run = conformance(shop, "compare", "before.json", "after.json")
    assert run.code == 1
    (line,) = (line for line in run.out.splitlines() if ".post-override" in line)
    assert line.split() == ["methodoverrides.post-override", "fail", "pass"]


def _fixed() -> str:
    return (
        "from reference.methodoverrides import MethodOverride\n"
        "plain = create_app\n"
        "def create_app():\n"
        "    app = plain()\n"
        "    app.wsgi_app = MethodOverride(app.wsgi_app)\n"
        "    return app\n"
    )


def test_the_same_seed_gives_the_same_counts_and_another_explores(shop: Path) -> None:
    def counts(name: str, *arguments: str) -> list[tuple[str, str, int, int]]:
        check(shop, "--json", name, *arguments)
        clauses = json.loads((shop / name).read_text())["clauses"]
        return [(c["id"], c["verdict"], c["requests"], c["examples"]) for c in clauses]

    assert counts("a.json") == counts("b.json")
    assert "seed 7" in check(shop, "--seed", "7", "--clause", "*.case").out
    run = check(shop, "--seed", "random", "--clause", "*.case")
    assert "seed 0\n" not in run.out


def test_waivers_turn_a_failure_into_waived_and_a_stale_one_is_said(shop: Path) -> None:
    (shop / "conformance.toml").write_text(
        CONFIG
        + '[waive]\n"methodoverrides.post-override" = "behind a proxy"\n'
        + '"methodoverrides.only-post" = "old"\n'
    )
    run = check(shop, "--clause", "*.post-override", "--clause", "*.only-post")

    assert run.code == 0
    assert "waived: methodoverrides.post-override: behind a proxy" in run.out
    assert "stale waiver: methodoverrides.only-post passes" in run.out


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ("[patterns.methodoverride]\n", "unknown pattern patterns.methodoverride; did you mean 'methodoverrides'?"),
        ("[patterns.methodoverrides]\nmidleware = 'a:b'\n", "unknown key patterns.methodoverrides.midleware; did you mean 'middleware'?"),
        ("[patterns.methodoverrides]\nmiddleware = 'shop'\n", "patterns.methodoverrides.middleware: a component is named as 'module:attribute', not 'shop'"),
        ("[patterns.methodoverrides]\nroute = 'thing'\n", "patterns.methodoverrides.route: a path begins with a slash"),
        ("[patterns.methodoverrides.route]\npath = '/'\nmetod = 'POST'\n", "unknown key patterns.methodoverrides.route.metod; did you mean 'method'?"),
        ("[patterns.methodoverrides.route]\nmethod = 'POST'\n", "patterns.methodoverrides.route.path is missing"),
        ("ap = 'shop:create_app'\n", "unknown key ap; did you mean 'app'?"),
        ("app = 'shop:create_app'\n[waive]\n'methodoverrides.only-pots' = 'x'\n", "waive: there is no clause 'methodoverrides.only-pots'; did you mean 'methodoverrides.only-post'?"),
        ("app = \n", "not valid TOML"),
        ("", "nothing is bound"),
    ],
)  # fmt: skip
def test_wrong_configuration_is_one_sentence_that_names_file_and_key(
    tmp_path: Path, config: str, sentence: str
) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "conformance.toml").write_text(config)
    run = check(tmp_path)

    assert run.code == 2
    assert run.err.startswith("conformance: conformance.toml")
    assert sentence in run.err
    assert run.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--level", "most"),
        ("check", "--seed", "x"),
        ("check", "--service", "postgresql"),
        ("check", "--transport", "carrier-pigeon"),
        ("check", "-p", "flashin"),
        ("check", "--clause", "methodoverrides.nothing"),
        ("check", "--config", "missing.toml"),
        ("check", "--json", "no/such/folder/a.json"),
        ("explain", "methodoverrides.only-pots"),
        ("explain", "nothing.at-all"),
        ("explain", "nothing"),
        ("compare", "a.json"),
        ("compare", "missing.json", "missing.json"),
        ("frobnicate",),
    ],
)
def test_wrong_usage_is_exit_code_2(shop: Path, arguments: tuple[str, ...]) -> None:
    run = conformance(shop, *arguments)

    assert run.code == 2
    assert run.err.strip()


def test_a_file_whose_name_another_module_has_is_not_mistaken_for_it(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "click.py").write_text("import flask\napp = flask.Flask(__name__)\n")

    run = conformance(tmp_path, "check", "web/click.py:app")

    assert run.code == 3
    assert "click.py is imported as 'click', which is " in run.err
    assert "give the file another name" in run.err


def test_an_installed_app_that_fails_to_be_made_is_told_by_its_own_line(tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "installed_shop"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        "import flask\ndef create_app():\n    flask.current_app.name\n"
    )
    run = conformance(
        tmp_path, "check", "installed_shop:create_app", PYTHONPATH=str(package.parent)
    )

    assert run.code == 3
    assert "installed_shop/__init__.py:3 in create_app)" in run.err


def test_doctor_says_what_is_bound_and_what_is_wrong(shop: Path) -> None:
    good = conformance(shop, "doctor", "-p", "methodoverrides")
    (shop / "conformance.toml").write_text(CONFIG.replace("/thing", "/thign"))
    bad = conformance(shop, "doctor", "-p", "methodoverrides")

    assert good.code == 0
    assert "all bindings can be driven" in good.out
    assert bad.code == 2
    assert "did you mean '/thing'?" in bad.out


def test_doctor_tries_what_only_a_clause_can(shop: Path) -> None:
    (shop / "extra.py").write_text(
        "from conformance.clause import harden\n"
        "from conformance.errors import Broken\n"
        'pattern = "methodoverrides"\n'
        '@harden("")\n'
        "def test_header_is_known(harness):\n"
        '    """The header is one that the middleware knows."""\n'
        "    harness.client().get('/thing')\n"
        '    raise Broken.for_key("methodoverrides", "header", "nothing answers to X-Method")\n'
    )
    (shop / "conformance.toml").write_text('suites = ["extra.py"]\n' + CONFIG)
    run = conformance(shop, "doctor", "-p", "methodoverrides", "--timeout", "30")

    assert run.code == 2
    assert "wrong  methodoverrides.header" in run.out
    assert "nothing answers to X-Method" in run.out
    assert "1 wrong" in run.out


def test_flask_mounts_the_command_on_the_app_that_it_located(shop: Path) -> None:
    (shop / "conformance.toml").write_text(CONFIG.replace('app = "shop:create_app"\n', ""))
    run = conformance(
        shop, "--app", "shop", "conformance", "check", "-p", "methodoverrides",
        "--clause", "*.app-object-kept", module="flask",
    )  # fmt: skip

    assert "shop (conformance.toml)" in run.out
    assert run.code == 0


def test_list_gives_every_clause_as_text_and_json() -> None:
    text = CliRunner().invoke(main, ["list"])
    rows = json.loads(CliRunner().invoke(main, ["list", "--json"]).output)

    assert {row["id"] for row in rows} == {clause.id for clause in all_clauses()}
    assert all(clause.id in text.output for clause in all_clauses())


@pytest.mark.parametrize("clause", all_clauses(), ids=lambda clause: clause.id)
def test_explain_prints_the_statement_the_usual_cause_and_the_link(clause: object) -> None:
    result = CliRunner().invoke(main, ["explain", clause.id])  # type: ignore[attr-defined]

    assert result.exit_code == 0
    for words in (clause.statement, clause.cause, clause.docs, "Tested by: "):  # type: ignore[attr-defined]
        assert words in result.output


def test_explain_shows_the_shape_of_each_key_and_a_real_value() -> None:
    result = CliRunner().invoke(main, ["explain", "flashing"])

    words = " ".join(result.output.split())
    assert 'for a visitor who is not logged in. (request) page = "/flashing/"' in words
    assert "the id or class of its element. (table, each value a text) blocks = {" in words
    assert 'A request is a path, "POST /path", or a table' in result.output


def test_explain_names_the_nearest_pattern_for_a_word_without_a_dot(tmp_path: Path) -> None:
    run = conformance(tmp_path, "explain", "flashng")

    assert run.err == "conformance: there is no pattern 'flashng'; did you mean 'flashing'?\n"


@pytest.mark.parametrize("slug", pattern_slugs())
def test_explain_prints_what_a_pattern_binds_and_its_clauses(slug: str) -> None:
    result = CliRunner().invoke(main, ["explain", slug])

    assert result.exit_code == 0
    words = " ".join(result.output.split())
    for key, field in load_pattern(slug).binding.model_fields.items():
        assert field.description
        assert f"{key} {' '.join(field.description.split())}" in words
    assert all(clause.id in words for clause in clauses_of(slug))


def test_schema_describes_every_pattern_and_accepts_the_reference_configuration() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    from conformance.subject.config import load_config

    schema = json.loads(CliRunner().invoke(main, ["schema"]).output)
    jsonschema.Draft202012Validator.check_schema(schema)
    table = load_config(Path(__file__).parents[1] / "pyproject.toml")

    jsonschema.validate(table, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**table, "apps": "shop"}, schema)


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        (["pass"], 0),
        (["pass", "waived", "untested"], 0),
        (["pass", "fail"], 1),
        (["pass", "broken"], 1),
        (["fail", "broken"], 1),
        (["untested"], 4),
        (["broken"], 1),
        (["broken", "untested"], 1),
        ([], 4),
    ],
)
def test_exit_codes(outcomes: list[str], code: int) -> None:
    verdicts = [Verdict("a.b", "a", "must", "", "", Outcome(outcome)) for outcome in outcomes]

    assert exit_code(verdicts) == code
