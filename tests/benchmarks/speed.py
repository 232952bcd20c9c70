"""Prints what a run costs, as ratios that one run on one machine gives.

    python -m tests.benchmarks.speed

1. `conformance check` on the reference, with the processes that it is configured
   with and with one, against two bare loops: one that sends as many requests through
   Werkzeug's test client, each of them as cheap as can be, and the very requests that
   the clauses send, to the apps that they send them to;
2. requests per second of a property against schemathesis on an equal app;
3. seconds to the first verdict against an empty pytest run and the app's import;
4. what the plugin adds to an empty pytest run;
5. the peak memory of the process that runs the clauses.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import flask

from conformance import Options, Subject, run, run_clause
from conformance.subject.config import load_config
from conformance.suites.catalogue import find_clause
from conformance.transports import Request, Response
from conformance.transports.wsgi import WSGIServer

ROOT = Path(__file__).parents[2]
REPEAT = 31


def command(*arguments: str, cwd: Path = ROOT) -> float:
    """Return the seconds that a Python command takes."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=cwd, stdout=subprocess.DEVNULL, check=False)
    return time.perf_counter() - started


def medians(*measures: Callable[[], float]) -> list[float]:
    """Return the middle one of several measurements of each, taken in turn."""
    # What else the machine does then meets all of them alike.
    rounds = [[measure() for measure in measures] for _ in range(REPEAT)]
    return [statistics.median(each) for each in zip(*rounds, strict=True)]


def bare_loop(requests: int) -> float:
    """Return the seconds that Werkzeug's test client needs for so many requests to the reference."""
    from reference import create_app

    client = create_app().test_client()
    targets = ["/methodoverrides", "/missing"]
    started = time.perf_counter()
    for number in range(requests):
        if number % 2:
            client.get(targets[number % 4 // 2])
        else:
            client.post(targets[number % 4 // 2], data={"text": "x" * 20})
    return time.perf_counter() - started


def same_requests() -> float:
    """Return the seconds of processor time in which the subject answers what the clauses ask.

    Counted around each request while the clauses run, as its app and what that holds are
    gone afterwards. What waits, and answers that are read in pieces, are left out: a loop
    that sends them would take longer.
    """
    spent: list[float] = []
    send = WSGIServer.send

    def counted(server: WSGIServer, request: Request) -> Response:
        started = time.thread_time()
        try:
            return send(server, request)
        finally:
            spent.append(time.thread_time() - started)

    file = ROOT / "pyproject.toml"
    subject = Subject.from_table(load_config(file), source=file.name)
    with mock.patch.object(WSGIServer, "send", counted):
        for _ in run(subject):
            pass
    return sum(spent)


def whole_run() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "result.json")
        check = ("-m", "conformance", "check")
        seconds = command(*check, "-n", "1", "--json", str(file))
        result = json.loads(file.read_text())
        configured = command(*check)
    clauses = result["clauses"]
    requests = sum(clause["requests"] for clause in clauses)
    observations = requests + sum(clause["calls"] for clause in clauses)
    loop = bare_loop(observations)
    same = same_requests()
    print(f"whole run: {configured:.1f} s as the reference is configured, {seconds:.1f} s with -n 1; "
          f"{len(clauses)} clauses, {requests} requests, {observations} observations; "
          f"verdicts {result['summary']}")  # fmt: skip
    print(f"a bare loop of as many cheap requests: {loop:.1f} s; ratio {configured / loop:.2f}, "
          f"with -n 1 {seconds / loop:.2f} (target: 5)")  # fmt: skip
    print(f"the same requests alone: {same:.1f} s; ratio {configured / same:.2f}, "
          f"with -n 1 {seconds / same:.2f}")  # fmt: skip
    # The others start interpreters, servers, workers or a browser, and send next to nothing.
    many = [clause for clause in clauses if clause["requests"] + clause["calls"] >= 20]
    share = sum(clause["requests"] + clause["calls"] for clause in many) / observations
    spent = sum(clause["seconds"] for clause in many)
    print(f"of these the {len(many)} clauses with 20 observations and more: {spent:.1f} s; "
          f"ratio {spent / (loop * share):.2f}")  # fmt: skip
    slow = sorted(clauses, key=lambda clause: -clause["seconds"])[:5]
    print("slowest: " + ", ".join(f"{c['id']} {c['seconds']:.1f} s" for c in slow))


def equal_app() -> flask.Flask:
    """Return an app of one route, with the OpenAPI document that describes it."""
    app = flask.Flask(__name__)
    body = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    operation = {
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"default": {"description": "any"}},
    }
    document = {
        "openapi": "3.0.3",
        "info": {"title": "equal", "version": "1"},
        "paths": {"/thing": {"post": operation}},
    }
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    app.add_url_rule("/thing", "thing", lambda: {"ok": True}, methods=methods)
    app.add_url_rule("/openapi.json", "document", lambda: document)
    return app


def against_schemathesis(examples: int = 1000) -> None:
    try:
        import schemathesis
    except ImportError:
        print("schemathesis is not installed: not compared")
        return
    from hypothesis import HealthCheck, given, settings

    app = equal_app()
    subject = Subject(app=app, patterns={"methodoverrides": {"route": "/thing"}})
    verdict = run_clause(
        find_clause("methodoverrides.no-param-override"), subject, Options(max_examples=examples)
    )
    many = run_clause(
        find_clause("methodoverrides.unknown-ignored"), subject, Options(max_examples=examples)
    )
    ours = (verdict.requests + many.requests) / (verdict.seconds + many.seconds)

    sent = 0
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app)
    quiet = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )

    @quiet
    @given(case=schema["/thing"]["POST"].as_strategy())
    def ask(case: Any) -> None:
        nonlocal sent
        sent += 1
        # Requests are counted; what it finds is not compared.
        with contextlib.suppress(Exception):
            case.call_and_validate()

    started = time.perf_counter()
    ask()
    theirs = sent / (time.perf_counter() - started)
    print(f"requests per second on an equal app: {ours:.0f}, schemathesis {theirs:.0f}; "
          f"ratio {ours / theirs:.1f} (target: 3)")  # fmt: skip


def first_verdict() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_empty.py").write_text("def test_nothing(): pass\n")
        # Whatever other plugins are installed would only make an empty run look slower.
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        plain = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
        one = ("-m", "conformance", "check", "--clause", "methodoverrides.post-override")
        empty, with_plugin, nothing, imported, first = medians(
            lambda: command(*plain, cwd=folder),
            lambda: command(*plain, "-p", "conformance.plugin", cwd=folder),
            lambda: command("-c", "pass"),
            lambda: command("-c", "import reference; reference.create_app()"),
            lambda: command(*one),
        )
    allowed = 1.5 * empty + (imported - nothing)
    print(f"first verdict after {first:.2f} s; an empty pytest run {empty:.2f} s, the app's import "
          f"{imported - nothing:.2f} s; {first / allowed:.2f} of what is allowed")  # fmt: skip
    print(f"the plugin in an empty pytest run: {with_plugin - empty:+.3f} s, "
          f"{100 * (with_plugin / empty - 1):+.1f} % (target: 5 %)")  # fmt: skip


def memory() -> None:
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    scale = 1024 if sys.platform != "darwin" else 1024 * 1024
    print(f"peak memory of the largest process: {peak / scale:.0f} MiB")


def main() -> None:
    """Print every figure."""
    warnings.simplefilter("ignore")
    os.chdir(ROOT)
    # Users have the kit compiled: pip does that when it installs.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    whole_run()
    memory()
    against_schemathesis()
    first_verdict()


if __name__ == "__main__":
    main()
