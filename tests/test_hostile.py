"""Hostile subjects end in the right exit code and one readable sentence, in time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .command import CONFIG, OVERHEAD, SHOP, Run, conformance


def check(
    folder: Path, source: str, *arguments: str, target: str = "shop:create_app", timeout: float = 5
) -> Run:
    """Write a subject down and run `conformance check` on it."""
    (folder / "shop.py").write_text(source)
    (folder / "conformance.toml").write_text(CONFIG.replace("shop:create_app", target))
    limit = ("--timeout", str(timeout))
    return conformance(folder, "check", "-p", "methodoverrides", *limit, *arguments)


@pytest.mark.parametrize(
    ("source", "target", "sentence"),
    [
        ("import shpo", "shop:create_app", "importing 'shop' failed: there is no module 'shpo' (shop.py:1"),
        ("raise RuntimeError('no database')", "shop:create_app", "importing 'shop' raised RuntimeError: no database (shop.py:1"),
        ("def create_app(:", "shop:create_app", "importing 'shop' failed: SyntaxError:"),
        ("import sys; sys.exit('bye')", "shop:create_app", "importing 'shop' ended the process (SystemExit: bye"),
        ("import os; os._exit(7)", "shop:create_app", "the process ended (exit status 7)"),
        (SHOP, "shop:create_ap", "has no attribute 'create_ap'; did you mean 'create_app'?"),
        (SHOP, "shpo:create_app", "there is no module 'shpo'"),
        ("x = 1", "shop", "has none of app, application, create_app, make_app"),
        ("def __getattr__(name): raise RuntimeError('no database')", "shop:app", "shop:app raised RuntimeError: no database (shop.py:1 in __getattr__)"),
        ("def __getattr__(name): raise RuntimeError('no database')", "shop", "shop:app raised RuntimeError: no database (shop.py:1 in __getattr__)"),
        ("import os\ndef __getattr__(name): return os.paht", "shop:app", "shop:app raised AttributeError: module 'os' has no attribute 'paht'"),
        ("def create_app(): raise KeyError('DATABASE')", "shop:create_app", "shop:create_app raised KeyError: 'DATABASE' (shop.py:1 in create_app)"),
        ("import sys\ndef create_app(): sys.exit(3)", "shop:create_app", "shop:create_app ended the process (SystemExit: 3 (shop.py:2 in create_app))"),
        ("def create_app(name, size): pass", "shop:create_app", "missing a required argument: 'name'"),
        ("def create_app(): pass", "shop:create_app", "is a `return app` missing?"),
        ("import threading\ndef create_app(): threading.Event().wait()", "shop:create_app", "could not be built within 1 s"),
        ("import threading\nthreading.Event().wait()", "shop:create_app", "could not be imported within 1 s"),
    ],
)  # fmt: skip
def test_a_subject_that_can_not_be_built_is_one_sentence_and_exit_code_3(
    tmp_path: Path, source: str, target: str, sentence: str
) -> None:
    run = check(tmp_path, source, target=target, timeout=1)

    assert sentence in run.err
    assert run.err.startswith("conformance: ")
    assert run.err.count("\n") == 1
    assert run.code == 3


def test_a_factory_that_blocks_every_signal_and_hangs_is_killed(tmp_path: Path) -> None:
    source = """
import signal, threading
def create_app():
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    threading.Event().wait()
"""
    run = check(tmp_path, source, timeout=1)

    assert "did not end within 1 s, nor when interrupted" in run.err
    assert run.code == 3


@pytest.mark.parametrize("target", ["shop:create_app", "shop:create_ap"])
def test_a_worker_with_nothing_to_do_is_not_killed(tmp_path: Path, target: str) -> None:
    leaving = """
import os
leave = os._exit
def _exit(status):
    open("left", "a").close()
    leave(status)
os._exit = _exit
"""
    (tmp_path / "shop.py").write_text(SHOP + leaving)
    config = 'disposable = ["left"]\n' + CONFIG.replace("shop:create_app", target)
    (tmp_path / "conformance.toml").write_text(config)
    conformance(tmp_path, "check", "-p", "methodoverrides", "--max-examples", "3")

    assert (tmp_path / "left").exists()


def test_an_app_that_answers_500_everywhere_is_broken(tmp_path: Path) -> None:
    source = SHOP.replace(
        "    return app",
        "    @app.before_request\n    def fail(): raise KeyError('user')\n    return app",
    )
    run = check(tmp_path, source)

    assert "patterns.methodoverrides.route: POST /thing answers 500" in run.out
    assert run.code == 1


def test_a_route_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    run = check(tmp_path, SHOP.replace("/thing", "/things"))

    assert "POST /thing answers 404; did you mean '/things'?" in run.out
    assert run.code == 1


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param("print('x' * 2**20)", id="prints a megabyte"),
        pytest.param(
            "import os; os.write(1, b'y' * 2**20); os.write(2, b'z' * 2**20)", id="writes"
        ),
        pytest.param(
            "import os, tempfile; os.chdir(tempfile.gettempdir())", id="changes directory"
        ),
        pytest.param(
            "import signal\n    for s in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):\n"
            "        signal.signal(s, lambda *a: None)",
            id="installs signal handlers",
        ),
        pytest.param(
            "import threading; threading.Thread(target=threading.Event().wait).start()",
            id="starts threads",
        ),
        pytest.param("import sys; sys.stdout.close(); sys.stdin.close()", id="closes its streams"),
    ],
)
def test_a_rude_but_working_subject_is_judged_as_any_other(tmp_path: Path, extra: str) -> None:
    source = SHOP.replace("    return app", f"    {extra}\n    return app")
    run = check(tmp_path, source, "--json", "result.json", "--clause", "*.app-object-kept")

    assert run.code == 0
    assert len(run.out) < 2000
    assert json.loads((tmp_path / "result.json").read_text())["summary"]["pass"] == 1


def test_an_answer_without_an_end_is_broken(tmp_path: Path) -> None:
    source = SHOP.replace('lambda: "thing"', "lambda: iter(lambda: 'x' * 100, '')")
    run = check(tmp_path, source, timeout=2)

    assert "POST /thing has no" in run.out
    assert run.code == 1
    assert run.seconds < 2 + OVERHEAD


def test_answers_that_take_too_long_are_said_to(tmp_path: Path) -> None:
    # Waits on an event that nobody sets: the time is the subject's own.
    source = "import threading\n" + SHOP.replace(
        'lambda: "thing"', "lambda: str(threading.Event().wait(0.5))"
    )
    run = check(tmp_path, source, timeout=5)

    assert "POST /thing takes 0.5 s, and a clause sends it about 100 times" in run.out
    assert run.code == 1
    assert run.seconds < 5 + OVERHEAD


def test_a_subject_that_ends_the_process_in_a_request_costs_that_clause_only(
    tmp_path: Path,
) -> None:
    source = SHOP.replace(
        "    return app",
        "    import os\n"
        "    from flask import request\n"
        "    @app.before_request\n"
        "    def end():\n"
        "        if 'X-HTTP-Method-Override' in request.headers:\n"
        "            print('out of luck'); os._exit(9)\n"
        "    return app",
    )
    run = check(tmp_path, source, "--json", "result.json")

    result = json.loads((tmp_path / "result.json").read_text())
    verdicts = {clause["id"]: clause for clause in result["clauses"]}
    assert result["complete"]
    assert verdicts["methodoverrides.post-override"]["verdict"] == "broken"
    assert "exit status 9" in verdicts["methodoverrides.post-override"]["reason"]
    assert verdicts["methodoverrides.app-object-kept"]["verdict"] == "pass"
    assert run.code == 1


def test_a_subject_that_can_be_imported_only_once_leaves_the_result_whole(tmp_path: Path) -> None:
    source = "open('imported', 'x')\n" + SHOP.replace(
        "    return app",
        "    import os\n"
        "    from flask import request\n"
        "    @app.before_request\n"
        "    def end():\n"
        "        if 'X-HTTP-Method-Override' in request.headers: os._exit(9)\n"
        "    return app",
    )
    check(tmp_path, source, "--json", "result.json")

    result = json.loads((tmp_path / "result.json").read_text())
    ended, *others = [each for each in result["clauses"] if "exit status 9" in each["reason"]]
    broken = [each for each in result["clauses"] if each["verdict"] == "broken"]
    broken.remove(ended)
    assert result["complete"]
    assert not others
    assert broken
    assert all("FileExistsError" in each["reason"] for each in broken)


def test_a_request_that_hangs_names_what_it_waits_for(tmp_path: Path) -> None:
    source = "import threading\nfrom flask import request\n" + SHOP.replace(
        'lambda: "thing"',
        "lambda: str(threading.Event().wait()) if request.headers.get('X-HTTP-Method-Override') else 'thing'",
    )
    run = check(tmp_path, source, "--clause", "*.post-override", timeout=1)

    assert "did not end within 1 s: still waiting for the response to POST /thing" in run.out
    assert run.code == 1


def verdicts_of(folder: Path) -> dict[str, dict[str, str]]:
    result = json.loads((folder / "result.json").read_text())
    return {clause["id"].partition(".")[2]: clause for clause in result["clauses"]}


def test_a_limit_that_was_reached_once_is_not_paid_by_each_clause(tmp_path: Path) -> None:
    source = "import threading\nfrom flask import request\n" + SHOP.replace(
        'lambda: "thing"',
        "lambda: str(threading.Event().wait()) if request.headers.get('X-HTTP-Method-Override') else 'thing'",
    )
    run = check(tmp_path, source, "--json", "result.json")
    reasons = [each["reason"] for each in verdicts_of(tmp_path).values()]

    assert run.code == 1
    assert len([each for each in reasons if "did not end within 5 s" in each]) == 1
    assert len([each for each in reasons if "timed out when an earlier" in each]) > 1


def test_a_factory_that_works_once_fails_the_clause_about_that_and_no_other(
    tmp_path: Path,
) -> None:
    source = "made = []\n" + SHOP.replace(
        "    return app",
        "    if made: raise ValueError('the blueprint is registered')\n"
        "    made.append(app)\n    return app",
    )
    names = ("appfactories.fresh-instance", "methodoverrides.app-object-kept")
    globs = [word for name in names for word in ("--clause", name)]
    run = check(tmp_path, source, "-p", "appfactories", "--json", "result.json", *globs)
    verdicts = verdicts_of(tmp_path)

    assert run.code == 1
    assert verdicts["fresh-instance"]["verdict"] == "fail"
    assert "the second call: shop:create_app raised ValueError" in run.out
    assert verdicts["app-object-kept"]["verdict"] == "pass"


def test_pages_that_nobody_bound_cost_nobodys_verdict(tmp_path: Path) -> None:
    source = "import threading\n" + SHOP.replace(
        "    return app",
        "    app.add_url_rule('/slow', 'slow', lambda: str(threading.Event().wait()))\n"
        "    app.add_url_rule('/wrong', 'wrong', lambda: {}['page'])\n"
        "    return app",
    )
    names = ("appfactories.setup-complete", "appfactories.current-app-in-blueprint")
    globs = [word for name in names for word in ("--clause", name)]
    arguments = ("-p", "appfactories", "--json", "result.json", *globs)
    run = check(tmp_path, source, *arguments, timeout=30)

    assert run.code == 0, run.out
    assert {each["verdict"] for each in verdicts_of(tmp_path).values()} == {"pass"}


@pytest.mark.skipif(os.name != "posix", reason="sends signals")
@pytest.mark.parametrize("signal_name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_a_run_that_is_stopped_leaves_a_valid_result_that_says_incomplete(
    tmp_path: Path, signal_name: str
) -> None:
    # A clause has passed, and from then on every request hangs: the run is stopped in between.
    hang = tmp_path / "hang"
    source = "import pathlib, threading\n" + SHOP.replace(
        "    return app",
        "    @app.before_request\n"
        "    def hang():\n"
        f"        if pathlib.Path({str(hang)!r}).exists(): threading.Event().wait()\n"
        "    return app",
    )
    (tmp_path / "shop.py").write_text(source)
    (tmp_path / "conformance.toml").write_text(CONFIG)
    command = [sys.executable, "-m", "conformance", "check", "-v", "-p", "methodoverrides"]
    command += ["--json", "result.json", "--timeout", "60", "--max-examples", "5"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("pass"):
                hang.touch()
                break
        process.send_signal(getattr(signal, signal_name))
        process.communicate(timeout=OVERHEAD)

    result = json.loads((tmp_path / "result.json").read_text())
    assert result["complete"] is False
    assert sum(result["summary"].values()) == len(result["clauses"]) > 0
    if signal_name != "SIGKILL":
        assert process.returncode == 130


#: A text with half a surrogate pair, control characters, and a mark that turns text around.
RUDE = "half \\ud83d bell \\x07 title \\x1b]0;owned\\x07 turned \\u202e"

UNSAFE = {"\x07", "\x1b", "\u202e"}

#: An app whose override fails with that text.
FAILING = SHOP.replace(
    "    return app",
    "    from flask import request\n"
    "    @app.before_request\n"
    "    def fail():\n"
    f"        if 'X-HTTP-Method-Override' in request.headers: raise RuntimeError('{RUDE}')\n"
    "    return app",
)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1", "cp1252"])
def test_any_text_is_shown_in_any_encoding_and_obeyed_in_none(
    tmp_path: Path, encoding: str
) -> None:
    (tmp_path / "shop.py").write_text(FAILING)
    (tmp_path / "conformance.toml").write_text(CONFIG)
    files = ("--json", "r.json", "--junit", "r.xml", "--html", "r.html")
    run = conformance(tmp_path, "check", "-p", "methodoverrides", *files, PYTHONIOENCODING=encoding)

    assert run.code == 1
    assert r"half \ud83d bell \x07 title \x1b]0;owned\x07 turned \u202e" in " ".join(
        run.out.split()
    )
    assert not UNSAFE & {*run.out, *run.err}
    for name in ("r.json", "r.xml", "r.html"):
        text = (tmp_path / name).read_bytes().decode("utf-8")
        escaped = r"bell \u0007 title" if name == "r.json" else r"bell \x07 title"
        assert escaped in " ".join(text.split()), name
        assert not UNSAFE & {*text}, name
    result = json.loads((tmp_path / "r.json").read_bytes())
    assert result["complete"]
    steps = [
        step for each in result["clauses"] for step in (each["failure"] or {"trail": ()})["trail"]
    ]
    # A program gets what the subject said.
    assert any("bell \x07 title \x1b]0;owned\x07 turned \u202e" in step for step in steps)


def test_any_text_of_a_factory_is_shown_on_standard_error(tmp_path: Path) -> None:
    source = f"def create_app(): raise RuntimeError('{RUDE}')"
    (tmp_path / "shop.py").write_text(source)
    (tmp_path / "conformance.toml").write_text(CONFIG)
    run = conformance(tmp_path, "check", PYTHONIOENCODING="ascii")

    assert run.code == 3
    assert r"half \ud83d bell \x07 title \x1b]0;owned\x07 turned \u202e" in run.err


def test_pytest_shows_any_text_without_obeying_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(shop=FAILING)
    (pytester.path / "conformance.toml").write_text(CONFIG)
    pytester.makepyfile(test_all="from conformance.suites.test_methodoverrides import *")
    result = pytester.runpytest_subprocess("-q", "-rA", "-k", "post-override")
    out = result.stdout.str()

    assert r"\ud83d bell \x07 title" in out
    assert not {"\x07", "\u202e"} & {*out}


def test_a_limit_beyond_all_memory_is_announced_and_not_sent(tmp_path: Path) -> None:
    source = """
import os, resource
from flask import Flask, request, redirect, send_from_directory
resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))
def create_app(config=None):
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 10**11
    app.config.update(config or {})
    @app.post("/up")
    def up():
        file = request.files["file"]
        file.save(os.path.join(app.config["UP"], os.path.basename(file.filename)))
        return redirect("/down/" + os.path.basename(file.filename))
    @app.get("/down/<name>")
    def down(name): return send_from_directory(app.config["UP"], name)
    return app
"""
    (tmp_path / "shop.py").write_text(source)
    (tmp_path / "conformance.toml").write_text(
        'app = "shop:create_app"\n[patterns.fileuploads]\nupload = "/up"\nlimit = 100_000_000_000\n'
        'extensions = ["wav"]\nfolder = "UP"\ndownload = "/down/{name}"\n'
    )
    clauses = ("size-limit-413", "size-limit-chunked", "413-friendly")
    globs = [word for name in clauses for word in ("--clause", f"fileuploads.{name}")]
    conformance(tmp_path, "check", *globs, "--json", "r.json")

    result = json.loads((tmp_path / "r.json").read_text())
    verdicts = {clause["id"].partition(".")[2]: clause for clause in result["clauses"]}
    assert verdicts["size-limit-413"]["verdict"] == "pass"
    assert verdicts["size-limit-chunked"]["verdict"] == "untested"
    # Werkzeug's own words, as this app has no page for them.
    assert verdicts["413-friendly"]["verdict"] == "fail"


@pytest.mark.skipif(sys.platform == "win32", reason="tells no peak of its children")
def test_a_limit_of_five_gigabytes_takes_no_memory(tmp_path: Path) -> None:
    source = """
import os
from flask import Flask, request
def create_app(config=None):
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 5_000_000_000
    app.config.update(config or {})
    @app.post("/up")
    def up():
        file = request.files["file"]
        file.save(os.path.join(app.config["UP"], os.path.basename(file.filename)))
        return "stored"
    return app
"""
    (tmp_path / "shop.py").write_text(source)
    (tmp_path / "conformance.toml").write_text(
        'app = "shop:create_app"\nconfig = { UP = "{tmp}" }\n[patterns.fileuploads]\n'
        'upload = "/up"\nlimit = 5_000_000_000\nextensions = ["wav"]\nfolder = "UP"\n'
    )
    measured = (
        "import resource, subprocess, sys\n"
        "subprocess.run([sys.executable, '-m', 'conformance', *sys.argv[1:]], stdout=2)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    clauses = ("size-limit-413", "size-limit-chunked", "413-friendly")
    globs = [word for name in clauses for word in ("--clause", f"fileuploads.{name}")]
    done = subprocess.run(
        [sys.executable, "-c", measured, "check", *globs, "--json", "r.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    scale = 1024 if sys.platform == "darwin" else 1

    assert json.loads((tmp_path / "r.json").read_text())["complete"], done.stderr
    # Interpreter, Flask and Hypothesis included.
    assert int(done.stdout.split()[-1]) / scale < 512 * 1024
