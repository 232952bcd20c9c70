"""The files around the code agree with each other: workflows, tox.ini, metadata, links."""

from __future__ import annotations

import argparse
import configparser
import importlib.util
import itertools
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from conformance.patterns import pattern_slugs

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
GITHUB = ROOT / ".github"
HOME = "https://github.com/flask-conformance/flask-conformance"

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(
    set((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")) - {GITHUB / "ISSUE_TEMPLATE/config.yml"}
)
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")

#: The classifier of each system that a job runs on.
SYSTEMS = {
    "ubuntu": "Operating System :: POSIX :: Linux",
    "macos": "Operating System :: MacOS",
    "windows": "Operating System :: Microsoft :: Windows",
}


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


# tox.ini.


def expanded(text: str) -> list[str]:
    """Return the names in a list of tox's, with its braces multiplied out."""
    names = []
    for name in re.findall(r"(?:[^,\s{]|\{[^}]*\})+", re.sub(r"(?m)#.*$", "", text)):
        parts = [part.split(",") for part in re.split(r"[{}]", name)]
        names += ["".join(choice) for choice in itertools.product(*parts)]
    return names


class Tox:
    """What tox.ini defines."""

    def __init__(self) -> None:
        self.ini = configparser.ConfigParser(interpolation=None)
        self.ini.read(ROOT / "tox.ini", "utf-8")
        labels = re.findall(r"(?m)^(\w+) = (.*)$", self.ini["tox"]["labels"])
        self.labels = {name: expanded(value) for name, value in labels}
        self.default = expanded(self.ini["tox"]["env_list"])
        self.factors = set(re.findall(r"(?m)^(\w+):", self.ini["testenv"]["commands"]))

    def has(self, environment: str) -> bool:
        """Check whether an environment has a section, or is a Python and factors of `[testenv]`."""
        python, *factors = environment.split("-")
        return f"testenv:{environment}" in self.ini or (
            re.fullmatch(r"py3\d+", python) is not None
            and factors != []
            and set(factors) <= self.factors
        )

    def python(self, environment: str) -> str | None:
        """Return the version of Python that an environment is fixed to, such as 3.10."""
        section = f"testenv:{environment}"
        base = self.ini[section].get("base_python") if section in self.ini else None
        found = re.match(r"py3(\d+)", base or environment)
        return f"3.{found[1]}" if found else None


TOX = Tox()


# The workflows.


class Command(NamedTuple):
    """A call of tox, by one job of one workflow."""

    place: str
    python: str
    environments: list[str]
    labels: list[str]
    words: list[str]


def jobs() -> Iterator[tuple[str, dict[str, Any], dict[str, str]]]:
    """Yield each job with its place, once for each row of its matrix."""
    for path in WORKFLOWS:
        for name, job in load(path)["jobs"].items():
            for row in job.get("strategy", {}).get("matrix", {}).get("include", [{}]):
                yield f"{path.name}: {name} {row.get('name', '')}".strip(), job, row


def filled(text: str, row: dict[str, str]) -> str:
    """Return the text with the values of a matrix row."""
    return re.sub(r"\$\{\{ matrix\.(\w+).*?\}\}", lambda found: row.get(found[1], ""), text)


def commands() -> list[Command]:
    """Return what the workflows ask of tox."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-e", action="append", default=[])
    parser.add_argument("-m", action="append", default=[])
    found = []
    for place, job, row in jobs():
        python = ""
        for step in job["steps"]:
            python = filled(step.get("with", {}).get("python-version", python), row)
            line = filled(step.get("run", ""), row)
            if line.startswith("tox "):
                asked, words = parser.parse_known_args(shlex.split(line))
                environments = [name for value in asked.e for name in value.split(",")]
                found.append(Command(place, python, environments, asked.m, words))
    return found


def pythons_of_the_classifiers() -> list[str]:
    prefix = "Programming Language :: Python :: 3."
    minors = [int(name.removeprefix(prefix)) for name in PROJECT["classifiers"] if prefix in name]
    return [f"3.{minor}" for minor in minors]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_bounded_and_may_do_no_more_than_it_must(path: Path) -> None:
    workflow = load(path)

    assert workflow["permissions"] in ({}, {"contents": "read"})
    assert workflow["concurrency"]["group"]
    assert [name for name, job in workflow["jobs"].items() if "timeout-minutes" not in job] == []


def test_each_action_is_pinned_to_a_major_version() -> None:
    used = {step["uses"] for _, job, _ in jobs() for step in job["steps"] if "uses" in step}

    assert used
    assert [name for name in used if not re.fullmatch(r"[\w/-]+@(release/)?v\d+", name)] == []


def test_workflows_ask_tox_for_what_it_has() -> None:
    asked = commands()

    assert {command.place.partition(":")[0] for command in asked} == {"release.yml", "tests.yml"}
    for command in asked:
        assert command.environments or command.labels, command.place
        assert [name for name in command.environments if not TOX.has(name)] == [], command.place
        assert [name for name in command.labels if name not in TOX.labels] == [], command.place


def test_a_job_has_the_python_that_its_environments_need() -> None:
    for command in commands():
        labelled = [name for label in command.labels for name in TOX.labels[label]]
        needed = {TOX.python(name) for name in command.environments + labelled} - {None}
        assert needed <= {command.python}, command.place


def test_every_label_and_the_default_name_environments_that_exist() -> None:
    names = {name for label in TOX.labels.values() for name in label} | set(TOX.default)

    assert "py310-flask22" in names
    assert [name for name in names if not TOX.has(name)] == []
    assert not TOX.has("py310-flask99")


def test_pull_requests_run_every_environment_that_runs_by_default() -> None:
    run = set()
    for command in commands():
        if command.place.startswith("tests.yml: tests"):
            run |= {*command.environments, *(n for m in command.labels for n in TOX.labels[m])}

    assert set(TOX.default) - run == set()


def test_pythons_agree_everywhere() -> None:
    supported = pythons_of_the_classifiers()
    first = int(supported[0].partition(".")[2])
    matrix = {row["python"] for _, _, row in jobs() if "python" in row}
    labels = [name for name in TOX.labels if re.fullmatch(r"py3\d+", name)]

    assert supported == [f"3.{first + n}" for n in range(len(supported))]
    assert PROJECT["requires-python"] == f">={supported[0]}"
    assert PYPROJECT["tool"]["ruff"]["target-version"] == "py" + supported[0].replace(".", "")
    assert matrix == set(supported)
    assert labels == ["py" + python.replace(".", "") for python in supported]
    assert {TOX.python(name) for name in TOX.labels["versions"]} - {None} == set(supported)


def test_the_label_of_each_python_has_its_part_of_the_versions() -> None:
    for python in pythons_of_the_classifiers():
        part = [name for name in TOX.labels["versions"] if TOX.python(name) == python]
        assert set(TOX.labels["py" + python.replace(".", "")]) == set(part)


def test_systems_agree_with_the_classifiers() -> None:
    runners = {filled(job["runs-on"], row) or "ubuntu-latest" for _, job, row in jobs()}
    named = {name for name in PROJECT["classifiers"] if name.startswith("Operating System")}

    assert {SYSTEMS[runner.partition("-")[0]] for runner in runners} == named


def test_windows_runs_every_pattern_but_celery() -> None:
    words = TOX.ini["testenv:windows"]["commands"].replace("\\\n", " ").split()
    named = [word for before, word in itertools.pairwise(words) if before == "-p"]

    assert sorted(named) == sorted(set(pattern_slugs()) - {"celery"})


def test_the_released_wheel_is_the_one_that_was_tested() -> None:
    (wheel,) = [command for command in commands() if command.place.startswith("release.yml")]
    build = load(GITHUB / "workflows/release.yml")["jobs"]["build"]["steps"]
    uploads = [step["with"]["path"] for step in build if "upload-artifact" in step.get("uses", "")]

    assert wheel.environments == ["wheel"]
    assert wheel.words[-2:] == ["--installpkg", "dist/*.whl"]
    assert "dist/" in uploads


# A release.


def release_notes(tag: str, changelog: str) -> str:
    spec = importlib.util.spec_from_file_location("release", GITHUB / "release.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.notes(tag, '[project]\nversion = "1.2.3"\n', changelog))


def test_release_notes_are_the_section_of_the_version() -> None:
    changelog = (
        "# Changelog\n\n## 1.2.3 (2030-01-31)\n\n- New.\n\n## 1.2.2 (2030-01-01)\n\n- Old.\n"
    )

    assert release_notes("v1.2.3", changelog) == "- New.\n"


@pytest.mark.parametrize(
    ("tag", "heading", "message"),
    [
        ("v1.2.4", "1.2.3 (2030-01-31)", "the tag is v1.2.4, but pyproject.toml has version 1.2.3"),
        ("1.2.3", "1.2.3 (2030-01-31)", "the tag is 1.2.3, but pyproject.toml has version 1.2.3"),
        ("v1.2.3", "1.2.2 (2030-01-31)", "CHANGELOG.md has no section for 1.2.3"),
        ("v1.2.3", "1.2.3 (unreleased)", "CHANGELOG.md gives no date for 1.2.3: (unreleased)"),
    ],
)
def test_a_release_that_is_not_ready_is_refused(tag: str, heading: str, message: str) -> None:
    with pytest.raises(SystemExit) as refused:
        release_notes(tag, f"# Changelog\n\n## {heading}\n\n- New.\n")

    assert str(refused.value) == message


def test_the_changelog_has_a_section_for_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")

    assert re.search(rf"(?m)^## {re.escape(PROJECT['version'])} \(.+\)$", changelog)


# Links and forms.


def headings(document: str) -> set[str]:
    """Return the anchors that GitHub gives the headings of a document."""
    titles = re.findall(r"(?m)^#+ (.+)$", document)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_relative_link_leads_somewhere(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    broken = []
    for link in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = ROOT / (path or name)
        if not target.exists() or (anchor and anchor not in headings(target.read_text("utf-8"))):
            broken.append(link)

    assert broken == []


def test_the_documents_have_relative_links_to_check() -> None:
    text = (ROOT / "SECURITY.md").read_text("utf-8")

    assert "](CONTRIBUTING.md#versions-and-deprecation)" in text
    assert "versions-and-deprecation" in headings((ROOT / "CONTRIBUTING.md").read_text("utf-8"))


def test_the_project_has_one_address() -> None:
    advisory = f"{HOME}/security/advisories/new"
    contacts = load(GITHUB / "ISSUE_TEMPLATE/config.yml")["contact_links"]

    assert PROJECT["urls"]["Homepage"] == HOME
    assert [url for url in PROJECT["urls"].values() if not url.startswith(HOME)] == []
    assert advisory in [contact["url"] for contact in contacts]
    assert advisory in (ROOT / "SECURITY.md").read_text("utf-8")


def test_the_license_is_given_once() -> None:
    assert PROJECT["license"] == "BSD-3-Clause"
    assert [name for name in PROJECT["classifiers"] if name.startswith("License ::")] == []


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_an_issue_form_asks_for_what_is_needed(path: Path) -> None:
    form = load(path)
    inputs = [part for part in form["body"] if part["type"] != "markdown"]
    ids = [part["id"] for part in inputs]
    required = {part["id"] for part in inputs if part.get("validations", {}).get("required")}

    assert form["name"]
    assert form["description"]
    assert len(ids) == len(set(ids))
    assert [part["id"] for part in inputs if not part["attributes"].get("label")] == []
    assert "versions" in required
    assert "application" in ids


def test_there_is_a_form_for_each_kind_of_issue() -> None:
    assert [path.stem for path in FORMS] == ["bug", "false-alarm", "missed-mistake"]


def test_dependabot_and_pre_commit_know_their_versions() -> None:
    dependabot = load(GITHUB / "dependabot.yml")
    hooks = load(ROOT / ".pre-commit-config.yaml")["repos"]
    local = [hook["id"] for repo in hooks if repo["repo"] == "local" for hook in repo["hooks"]]
    revisions = [repo["rev"] for repo in hooks if repo["repo"] != "local"]

    assert dependabot["version"] == 2
    assert {update["package-ecosystem"] for update in dependabot["updates"]} == {
        "github-actions",
        "pip",
    }
    assert local == ["mypy"]
    assert len(revisions) == 2
    assert [
        revision for revision in revisions if not re.fullmatch(r"v\d+\.\d+\.\d+", revision)
    ] == []
