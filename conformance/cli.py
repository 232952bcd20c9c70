"""The `conformance` command; `flask conformance` is the same with the app that Flask located."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn, TypeVar

import click

from .core.errors import ConfigError, ConformanceError, Kind, nearest
from .core.place import at_place
from .core.verdict import Outcome, Verdict
from .reports.terminal import failed_lines, survey_line
from .reports.text import echo
from .runner.supervisor import All, Interrupted, Job, Report, Supervisor

F = TypeVar("F", bound=Callable[..., Any])

#: Seconds that doctor gives a clause at the most.
DOCTOR_TIMEOUT = 20.0

#: How many keys doctor advises to bind next.
NEXT = 5

#: The exit code after an interrupt, as shells have it.
INTERRUPTED = 130


class _Group(click.Group):
    """A group whose errors are sentences: no traceback of the kit reaches a user."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConformanceError as error:
            _stop(str(error), error.exit_code)
        except BrokenPipeError:
            # The reader of a pipe has gone (`| head`): nobody is left to tell.
            sys.stderr.close()
            raise SystemExit(128 + getattr(signal, "SIGPIPE", 13)) from None


def _stop(message: str, code: int) -> NoReturn:
    echo(f"conformance: {message}", err=True)
    raise SystemExit(code)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="flask-conformance")
def main() -> None:
    """Say, clause by clause, whether a Flask application behaves as Flask's patterns ask."""


class _Seed(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    name = "N|random"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        if value == "random":
            return random.randrange(2**32)
        try:
            return int(value)
        except ValueError:
            self.fail(f"{value!r} is neither a number nor 'random'", param, ctx)


def _service(ctx: object, param: object, values: Sequence[str]) -> dict[str, str]:
    services = {}
    for value in values:
        name, equals, url = value.partition("=")
        if not equals or not name or not url:
            raise click.BadParameter(f"{value!r} is not NAME=URL, such as postgresql=URL")
        services[name.lower()] = url
    return services


def _target_options(function: F) -> F:
    for option in (
        click.option("--config", type=click.Path(exists=True, dir_okay=False), metavar="FILE",
                     help="Configuration; else conformance.toml or pyproject.toml here or above."),
        click.option("--service", "services", multiple=True, callback=_service, metavar="NAME=URL",
                     help="A real service, such as postgresql=URL."),
        click.option("--transport", default="wsgi", show_default=True,
                     type=click.Choice(["wsgi", "werkzeug", "waitress", "gunicorn"]),
                     help="How requests reach the subject."),
        click.option("--timeout", default=60.0, show_default=True, metavar="S",
                     type=click.FloatRange(min=0, min_open=True),
                     help="Seconds that building the app, or one clause, may take."),
        click.option("-p", "--pattern", "patterns", multiple=True, metavar="SLUG",
                     help="Only this pattern; may be repeated."),
        click.option("--place", "places", multiple=True, metavar="GLOB",
                     help="Only places whose name matches; may be repeated."),
        click.option("--survey/--no-survey", default=None,
                     help="Look for what is not typed, with GET, HEAD and OPTIONS only; without "
                     "either, where no pattern is typed."),
        click.option("--submit", is_flag=True,
                     help="Survey with the forms that pages have, and what views read without one, "
                     "too: filled in, they are sent to apps that are made for it."),
        click.option("--login", "logins", multiple=True, metavar="NAME:FIELD=VALUE,...",
                     help="Somebody who can log in, by what they fill in; may be repeated."),
        click.option("--tests", "tests", multiple=True, metavar="PATH",
                     help="The project's own tests: they are run as they are, and what they send "
                     "is heard. Without TARGET, the app is their conftest's own fixture."),
    ):  # fmt: skip
        function = option(function)
    return function


def _check_options(function: F) -> F:
    for option in (
        click.option("--clause", "globs", multiple=True, metavar="GLOB",
                     help="Only clauses whose id matches; may be repeated."),
        click.option("--level", default="harden", show_default=True,
                     type=click.Choice(["must", "should", "harden"]),
                     help="Up to which level: should runs must and should."),
        click.option("--seed", type=_Seed(), default="0", show_default=True,
                     help="Which examples are drawn; 'random' explores and says what it used."),
        click.option("--max-examples", default=100, show_default=True, metavar="N",
                     type=click.IntRange(min=1), help="Examples of each property."),
        click.option("--budget", metavar="S", type=click.FloatRange(min=0, min_open=True),
                     help="Seconds that the run may take; what it has not asked is untested."),
        click.option("-n", "--workers", metavar="WORKERS", type=click.IntRange(min=1),
                     help="Processes that run clauses; else the configured workers, or 1."),
        click.option("--require", "required", multiple=True, metavar="REQUIREMENT|FILE",
                     help="Stop unless the environment has it, such as flask~=2.3.3; repeatable."),
        click.option("--json", "json_file", type=click.Path(dir_okay=False), metavar="FILE",
                     help="Write the result as JSON."),
        click.option("--junit", "junit_file", type=click.Path(dir_okay=False), metavar="FILE",
                     help="Write the result as JUnit XML."),
        click.option("--html", "html_file", type=click.Path(dir_okay=False), metavar="FILE",
                     help="Write the result as one HTML page."),
        click.option("--sarif", "sarif_file", type=click.Path(dir_okay=False), metavar="FILE",
                     help="Write what is wrong as SARIF, for code scanning."),
        click.option("--summary", "summary_file", type=click.Path(dir_okay=False), metavar="FILE",
                     help="Append a summary in Markdown, such as to $GITHUB_STEP_SUMMARY."),
        click.option("-v", "--verbose", is_flag=True,
                     help="Show each failure in full, and all that was not tested."),
    ):  # fmt: skip
        function = option(function)
    return function


def run_check(
    target: str | None,
    *,
    config: str | None,
    services: dict[str, str],
    transport: str,
    timeout: float,
    patterns: Sequence[str],
    places: Sequence[str],
    survey: bool | None,
    tests: Sequence[str],
    submit: bool,
    logins: Sequence[str],
    globs: Sequence[str],
    level: str,
    seed: int,
    max_examples: int,
    budget: float | None,
    workers: int | None,
    required: Sequence[str],
    json_file: str | None,
    junit_file: str | None,
    html_file: str | None,
    sarif_file: str | None,
    summary_file: str | None,
    verbose: bool,
) -> int:
    """Run `conformance check` and give its exit code."""
    from .reports.again import check_command
    from .reports.last import LastResult
    from .reports.terminal import TerminalReport
    from .runner.environment import kit_version, require

    require(required)

    command = check_command(
        target, config, services, transport, max_examples, survey, tests, submit
    )
    terminal = TerminalReport(seed, transport, command, verbose)
    reports: list[Report] = [terminal, LastResult(kit_version(), seed, command)]
    if json_file:
        from .reports.json import JSONReport

        reports.append(JSONReport(Path(json_file), kit_version(), seed, command))
    if junit_file:
        from .reports.junit import JUnitReport

        reports.append(JUnitReport(Path(junit_file), seed, command))
    if html_file:
        from .reports.html import HTMLReport

        reports.append(HTMLReport(Path(html_file), kit_version(), seed, command))
    if sarif_file:
        from .reports.sarif import SARIFReport

        reports.append(SARIFReport(Path(sarif_file), kit_version(), seed, command))
    if summary_file:
        from .reports.markdown import MarkdownReport

        reports.append(MarkdownReport(Path(summary_file), kit_version(), seed, command))
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from .reports.github import GitHubReport

        # After the terminal's lines: until then the runner obeys none.
        reports.append(GitHubReport(seed, command))
    job = Job(
        app=target,
        config=config,
        services=services,
        patterns=patterns,
        places=places,
        globs=globs,
        level=level,
        survey=True if submit or logins else survey,
        tests=tests,
        submit=submit,
        logins=logins,
        options={
            "transport": transport,
            "seed": seed,
            "max_examples": max_examples,
            "timeout": timeout,
        },
    )
    try:
        Supervisor(job, All(reports), workers, budget).run()
    except Interrupted:
        echo("conformance: interrupted", err=True)
        return INTERRUPTED
    return exit_code(terminal.verdicts)


def exit_code(verdicts: Sequence[Verdict]) -> int:
    """Return the exit code of a run that came to its end.

    0 no tested clause failed, 1 some did (or could not be driven), 4 none was tested.
    """
    outcomes = {verdict.outcome for verdict in verdicts}
    if outcomes & {Outcome.FAIL, Outcome.BROKEN}:
        return 1
    return 0 if outcomes & {Outcome.PASS, Outcome.WAIVED} else 4


@main.command()
@click.argument("target", required=False)
@_target_options
@_check_options
def check(target: str | None, **options: Any) -> None:
    """Run the clauses on TARGET, such as shop:create_app, or on the configured subject."""
    raise SystemExit(run_check(target, **options))


@main.command()
@click.argument("target", required=False)
@_target_options
def doctor(target: str | None, **options: Any) -> None:
    """Resolve every binding, try each key for what it is for, and say exactly what is wrong."""
    raise SystemExit(run_doctor(target, **options))


@main.command()
@click.argument("target", required=False)
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Configuration; else conformance.toml or pyproject.toml here or above.",
)
@click.option("--host", default="127.0.0.1", show_default=True, metavar="HOST")
@click.option("--port", default=0, metavar="N", help="Else one that is free.")  # fmt: skip
def record(target: str | None, config: str | None, host: str, port: int) -> None:
    """Serve an app of TARGET until Ctrl-C, and keep what you send for `conformance init`.

    Log in, and submit a form both right and wrong. The app has a database of its own.
    """
    from .runner.record import record as keep
    from .subject import Subject
    from .subject.files import read_configuration

    found = read_configuration(config, Path.cwd(), app=target)
    subject = Subject.from_table(found.table, source=found.source, app=target, folder=found.folder)
    if subject.app is None:
        raise ConfigError("record: name an app, such as conformance record shop:create_app")
    count = keep(subject, host, port, lambda url: echo(f"{url}  (Ctrl-C ends it)"))
    requests = "1 request" if count == 1 else f"{count} requests"
    echo(f"recorded {requests}, for conformance init {target or ''}".rstrip())


@main.command("init")
@click.argument("target", required=False)
@_target_options
@click.option("--write", "file", type=click.Path(dir_okay=False), metavar="FILE",
              help="Write there; what the file has stays. Else to standard output.")  # fmt: skip
def initialise(target: str | None, **options: Any) -> None:
    """Look at TARGET, with GET, HEAD and OPTIONS only, and write a configuration of what it has."""
    raise SystemExit(run_init(target, **options))


def run_init(
    target: str | None,
    *,
    config: str | None,
    services: dict[str, str],
    transport: str,
    timeout: float,
    patterns: Sequence[str],
    places: Sequence[str],
    survey: bool | None,
    tests: Sequence[str],
    submit: bool,
    logins: Sequence[str],
    file: str | None,
) -> int:
    """Run `conformance init` and return its exit code: 0, or 4 where nothing was found.

    Raises `ConfigError` where the file cannot be read or written.
    """
    from .reports.configuration import outline_lines, write_configuration

    job = Job(
        app=target,
        config=config,
        services=services,
        patterns=patterns,
        places=places,
        survey=True,
        recorded=True,
        tests=tests,
        submit=submit,
        logins=logins,
        outline=True,
        options={"transport": transport, "seed": 0, "max_examples": 1, "timeout": timeout},
    )
    try:
        found = Supervisor(job, All([])).survey()
    except Interrupted:
        return INTERRUPTED
    path = Path(file) if file else None
    text = ""
    if path is not None and path.is_file():
        text = path.read_text(encoding="utf-8")
    try:
        written = write_configuration(
            text,
            app=found["app"],
            survey=found,
            pyproject=path is not None and path.name == "pyproject.toml",
        )
        if path is not None:
            path.write_text(written, encoding="utf-8")
    except ConfigError as error:
        raise ConfigError(f"{file}: {error}") from None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written: {error.strerror}") from None
    if path is None:
        echo(written)
    # The table is for a reader, the file may go down a pipe.
    for line in (survey_line(found), *failed_lines(found), *outline_lines(found)):
        echo(line, err=path is None)
    if found["note"]:
        echo(f"the survey: {found['note']}", err=True)
    return 0 if any(each["confirmed"] for each in found["findings"]) else 4


class _DoctorReport:
    """Prints each check of the preflight, and each key that a clause could not use."""

    def __init__(self) -> None:
        self.bad = 0
        self._told: set[str] = set()
        self._states: dict[str, str] = {}
        self._gains: Counter[str] = Counter()

    def begin(
        self, subject: dict[str, Any], environment: dict[str, Any], clauses: Sequence[str]
    ) -> None:
        echo(f"{subject['app']} ({subject['config']})")
        self._states = subject["keys"]
        for state in ("typed", "found", "default"):
            names = [name for name, each in self._states.items() if each == state]
            if names:
                shown = ", ".join(name.removeprefix("patterns.") for name in names)
                echo(click.wrap_text(f"{state:<8}{shown}", 100, "", " " * 8))

    def found(self, survey: dict[str, Any]) -> None:
        from .detectors import name_of

        for line in (survey_line(survey), *failed_lines(survey)):
            echo(line)
        for finding in survey["findings"]:
            full = name_of(finding["pattern"], finding["key"])
            name = full.removeprefix("patterns.")
            # What is typed wins, and is tried like any other.
            typed = self._states.get(full) == "typed"
            state = "guess" if not finding["confirmed"] else "seen" if typed else "found"
            value = json.dumps(finding["value"], ensure_ascii=False)
            echo(f"{state:<7}{name:<36}{value}: {finding['evidence']}")

    def check(self, check: dict[str, Any]) -> None:
        key = f"{check['pattern']}.{check['key']}".strip(".")
        self._tell(at_place(key, check["place"]), check["good"], check["text"])

    def touched(self, things: Sequence[dict[str, str]]) -> None:
        for thing in things:
            by = f" ({thing['setting']})" if thing["setting"] else ""
            echo(f"{'uses':<7}{thing['kind']:<36}{thing['name']}{by}: {thing['state']}")

    def start(self, clause: str) -> None: ...

    def verdict(self, verdict: Verdict) -> None:
        if verdict.outcome is Outcome.UNTESTED:
            self._gains.update(
                {at_place(each.name, verdict.place) for each in verdict.missing
                 if each.kind is Kind.KEY}
            )  # fmt: skip
        if verdict.outcome is not Outcome.BROKEN:
            return
        for lack in verdict.missing:
            key = at_place(lack.name.removeprefix("patterns."), verdict.place)
            if lack.kind is Kind.KEY and key not in self._told:
                name = at_place(lack.name, verdict.place)
                text = verdict.reason.removeprefix(f"{name}: ").removeprefix(f"{lack.name}: ")
                self._tell(key, False, text)

    def _tell(self, key: str, good: bool, text: str) -> None:
        if not good:
            self.bad += 1
            self._told.add(key)
        echo(f"{'ok' if good else 'wrong':<7}{key:<36}{text}")

    def end(self, complete: bool) -> None:
        bound = {name.rpartition(".")[0] for name in self._states}
        # Of a pattern that is not bound at all, any of several keys may be the first.
        gains = Counter(
            {name: n for name, n in self._gains.items() if name.rpartition(".")[0] in bound}
        )
        for name, count in gains.most_common(NEXT):
            clauses = "1 clause" if count == 1 else f"{count} clauses"
            echo(f"{'next':<7}{name.removeprefix('patterns.'):<36}{clauses} more could be asked")


def run_doctor(
    target: str | None,
    *,
    config: str | None,
    services: dict[str, str],
    transport: str,
    timeout: float,
    patterns: Sequence[str],
    places: Sequence[str],
    survey: bool | None,
    tests: Sequence[str],
    submit: bool,
    logins: Sequence[str],
) -> int:
    """Run `conformance doctor` and return its exit code: 0, or 2 where something is wrong.

    What no probe shows, such as a password or the name of a field, the clauses find that use
    the key: each is asked with a few examples.
    """
    report = _DoctorReport()
    job = Job(
        app=target,
        config=config,
        services=services,
        patterns=patterns,
        places=places,
        survey=True if submit or logins else survey,
        tests=tests,
        submit=submit,
        logins=logins,
        options={
            "transport": transport,
            "seed": 0,
            "max_examples": 1,
            "timeout": min(timeout, DOCTOR_TIMEOUT),
        },
    )
    try:
        Supervisor(job, report).run()
    except Interrupted:
        return INTERRUPTED
    echo(f"{report.bad} wrong" if report.bad else "all bindings can be driven")
    return 2 if report.bad else 0


_config_option = click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Whose suites count; else conformance.toml or pyproject.toml here or above.",
)


def _suites(config: str | None) -> Sequence[ModuleType]:
    from .subject.files import read_configuration
    from .subject.suites import configured_suites

    return configured_suites(read_configuration(config, Path.cwd()))


@main.command("list")
@_config_option
@click.option("-p", "--pattern", "patterns", multiple=True, metavar="SLUG", help="Only this one.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_clauses(config: str | None, patterns: Sequence[str], as_json: bool) -> None:
    """List patterns and clauses with their levels and docs links."""
    from .patterns import load_pattern
    from .suites.catalogue import select

    clauses = select(patterns, suites=_suites(config))
    if as_json:
        rows = [
            {
                "id": clause.id,
                "pattern": clause.pattern,
                "level": clause.level,
                "statement": clause.statement,
                "docs": clause.docs,
            }
            for clause in clauses
        ]
        echo(json.dumps(rows, indent=1))
        return
    slug = ""
    for clause in clauses:
        if clause.pattern != slug:
            slug = clause.pattern
            echo(f"\n{slug}: {load_pattern(slug).title}")
        echo(f"  {clause.level:<7} {clause.id:<40} {clause.statement}")


@main.command()
@click.argument("name", metavar="CLAUSE|PATTERN")
@_config_option
def explain(name: str, config: str | None) -> None:
    """Say what CLAUSE states, why, what usually goes wrong, and how it is tested.

    Of a PATTERN: what can be bound, and its clauses.
    """
    from .patterns import pattern_slugs
    from .suites.catalogue import find_clause

    if name in pattern_slugs():
        _explain_pattern(name, _suites(config))
        return
    if "." not in name:
        raise ConfigError(f"there is no pattern {name!r}{nearest(name, pattern_slugs())}")
    found = find_clause(name, _suites(config))
    echo(f"{found.id} ({found.level})\n\n{found.statement}\n")
    if found.why:
        echo(f"{found.why}\n")
    if found.source:
        echo(f"Source: {found.source}")
    echo(f"Usual cause: {found.cause}")
    echo(f"Tested by: {found.tested_by}")
    for gate in found.gates:
        echo(f"Not asked on {gate.package} {gate.excluded}: {gate.because}")
    echo(f"Docs: {found.docs}")


def _explain_pattern(slug: str, suites: Sequence[ModuleType]) -> None:
    from .patterns import load_pattern
    from .subject.config import document
    from .subject.shapes import REQUEST, as_toml, examples, shape_of
    from .suites.catalogue import clauses_of

    pattern = load_pattern(slug)
    document(pattern.binding)
    known = examples().get(slug, {})
    echo(f"{slug}: {pattern.title}\n\n[patterns.{slug}]")
    for key, field in pattern.binding.model_fields.items():
        default = field.get_default(call_default_factory=True)
        text = " ".join((field.description or "").split())
        if default not in (None, (), {}, ""):
            text += f" Else {json.dumps(default)}."
        text += f" ({shape_of(pattern.binding, key)})"
        echo(click.wrap_text(f"{key:<20} {text}", 100, "  ", " " * 23))
        if key in known:
            echo(f"{'':23}{key} = {as_toml(known[key])}")
    echo(f"\n{REQUEST}\n")
    for clause in clauses_of(slug, suites):
        echo(f"  {clause.level:<7} {clause.id:<40} {clause.statement}")
    echo(f"\nDocs: {pattern.address()}")


@main.command()
@click.argument("what", nargs=-1, metavar="[CLAUSE] [RESULT.json]")
@click.option("--place", metavar="NAME", help="Of the places that the clause was asked of.")
@click.option("-v", "--verbose", is_flag=True, help="List all that was not tested.")
def show(what: Sequence[str], place: str | None, verbose: bool) -> None:
    """Show the verdict of CLAUSE whole, or all that is wrong, from a result.

    The result is one that `check --json` wrote, else that of the last run in this directory.
    """
    from .reports.show import show_result, show_verdict

    names = [each for each in what if not each.endswith(".json")]
    files = [Path(each) for each in what if each.endswith(".json")]
    if len(names) > 1 or len(files) > 1:
        raise click.UsageError("show takes one clause and one result")
    if names:
        show_verdict(names[0], place, files[0] if files else None)
    else:
        show_result(files[0] if files else None, verbose)


@main.command()
@click.option("--result", is_flag=True, help="That of `check --json` instead.")
def schema(result: bool) -> None:
    """Print the JSON Schema of the configuration."""
    if result:
        from .reports.json import result_schema

        echo(json.dumps(result_schema(), indent=1))
        return
    from .patterns import load_pattern, pattern_slugs
    from .subject.config import json_schema
    from .subject.shapes import examples

    bindings = {slug: load_pattern(slug).binding for slug in pattern_slugs()}
    echo(json.dumps(json_schema(bindings, examples()), indent=1))


@main.command()
@click.argument("results", nargs=-1, required=True, type=click.Path(), metavar="A.json B.json ...")
@click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write the comparison as JSON.",
)
@click.option(
    "--html",
    "html_file",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write the results side by side as one HTML page.",
)
@click.option(
    "--summary",
    "summary_file",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Append the comparison in Markdown, such as to $GITHUB_STEP_SUMMARY.",
)
def compare(
    results: Sequence[str], json_file: str | None, html_file: str | None, summary_file: str | None
) -> None:
    """Say clause by clause what changed between results, and since which Flask version."""
    from .reports.compare import compare_results

    if len(results) < 2:
        raise click.UsageError("compare needs at least two results")
    comparison = compare_results([Path(result) for result in results])
    if json_file:
        comparison.write_json(Path(json_file))
    if html_file:
        comparison.write_html(Path(html_file))
    if summary_file:
        comparison.write_markdown(Path(summary_file))
    for line in comparison.lines():
        echo(line)
    raise SystemExit(1 if comparison.changes else 0)


@click.group("conformance", cls=_Group)
def flask_conformance() -> None:
    """Check the app against the clauses of Flask's patterns."""


def _located(ctx: click.Context) -> str | None:
    """Return a reference to the app that Flask located; None for the configured one."""
    from flask.cli import ScriptInfo

    info = ctx.ensure_object(ScriptInfo)
    if info.app_import_path:
        return str(info.app_import_path)
    for name in ("wsgi.py", "app.py"):
        if Path(name).is_file():
            return name
    return None


@flask_conformance.command("check")
@_target_options
@_check_options
@click.pass_context
def flask_check(ctx: click.Context, /, **options: Any) -> None:
    """Run the clauses on the app."""
    raise SystemExit(run_check(_located(ctx), **options))


@flask_conformance.command("doctor")
@_target_options
@click.pass_context
def flask_doctor(ctx: click.Context, /, **options: Any) -> None:
    """Resolve every binding and probe each route of the app once."""
    raise SystemExit(run_doctor(_located(ctx), **options))


for _command in (list_clauses, explain, show, schema, compare):
    flask_conformance.add_command(_command)
