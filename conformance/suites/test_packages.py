"""The clauses of Large Applications as Packages."""

from __future__ import annotations

from collections.abc import Collection

from conformance.clause import expect, harden, must, should
from conformance.core.errors import Deviation, Untested
from conformance.patterns.packages import Look, PackagesHarness

Harness = PackagesHarness

#: What a page's outcome begins with if its template, or the endpoint of a link, does not exist.
NO_TEMPLATE, NO_ENDPOINT, NO_FILE = "TemplateNotFound", "BuildError", "FileNotFoundError: "


def _few(names: Collection[str]) -> str:
    shown = ", ".join(sorted(names)[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


#: What an import error says of a name that its module has not defined yet.
TOO_EARLY = "partially initialized module"


@must("simple-packages")
def test_import_exposes_app(packages: Harness) -> None:
    """Importing the package yields a Flask app, or a factory for one, rooted in the package.

    The folders of templates and static files, the loggers' names and the app's root for
    extensions all follow from the import name. In a module of the package, `Flask(__name__)` is
    also right.

    Source: Simple Packages, first point of the checklist: the app is created with the package's
    `__name__`.

    Usual cause: the views are imported above the app object, or the app's name is a literal that
    differs from the package's.
    """
    found = packages.look()
    if "error" in found:
        cause = ""
        if TOO_EARLY in found["error"]:
            cause = "a module is imported above the definition of the name that it imports back"
        raise Deviation(f"{packages.name} to yield a Flask app", found["error"], cause)
    expect(
        found["rooted"],
        f"an app whose root path is a folder of {found['package']}",
        f"its root path is {found['root']}, as its import name is {found['import_name']!r}",
    )


@must("simple-packages")
def test_routes_after_bare_import(packages: Harness) -> None:
    """All routes exist as soon as the package provides its app; no later import adds any.

    The views of a module that nothing imports are silently missing: their pages are 404.

    Source: Simple Packages, second point of the checklist: `__init__.py` imports every module
    that has view functions.

    Usual cause: neither `__init__.py` nor the factory imports a new module with views.
    """
    found = packages.imported()
    late = set(found["all_rules"]) - set(found["rules"])
    modules = {found["origins"][rule] for rule in late} & {*found["free"]}
    expect(
        not late,
        "all routes once the package has been imported",
        f"importing every submodule adds {_few(late)}",
        cause=f"importing {found['package']} does not import {_few(modules)}, where the views are"
        if modules
        else "nothing imports the module that defines these views",
    )
    for error in found["late"]:
        raise Deviation(
            "all routes once the package has been imported",
            f"a submodule imported later fails to add its routes: {error}",
        )


@should("simple-packages")
def test_import_any_module_first(packages: Harness) -> None:
    """The package's submodules can be imported in any order, with the same routes each time.

    A test, a worker or a script may start with any module; a circular import that works from one
    end only breaks there. Each submodule that the package itself does not import comes first in
    one of several orders, which depend on the run's seed.

    Source: Simple Packages, first point of the checklist: each module can import the app safely.

    Usual cause: two modules import names from each other at the top; import the module instead,
    or the name inside the function that uses it.
    """
    orders = packages.orders()
    right = set(packages.imported()["all_rules"])
    for found in orders:
        order = found["order"]
        if "error" in found:
            after = _few(found["after"]) or "nothing else"
            verb = "import" if found["module"] in order else "provide an app"
            cause = "modules import names from each other" if TOO_EARLY in found["error"] else ""
            if cause and found.get("way"):
                cause += f": {', which imports '.join(found['way'])}"
            raise Deviation(f"{found['module']} to {verb} after {after}", found["error"], cause)
        differ = right ^ set(found["rules"])
        expect(
            not differ,
            f"the same routes when {order[0]} is imported first",
            f"the routes differ: {_few(differ)}",
        )


@must("simple-packages")
def test_single_app(packages: Harness) -> None:
    """No view is registered on an app that is never served, and no file is imported twice.

    When there are two apps, one may have the routes while the other is served. A further app is
    fine if the served one can dispatch to it, or has its routes as well; not where `apps` says how
    many there are.

    Source: Simple Packages, first point of the checklist: there is one app object, in
    `__init__.py`, and every module imports it.

    Usual cause: a module imports from `package.__init__`, which Python treats as a different
    module from `package`; or it creates its own app instead of importing the one.
    """
    found = packages.imported()
    for twin in found["twins"]:
        cause = "an import names `__init__`"
        if found["inits"]:
            cause += f": {_few(set(found['inits']))}"
        raise Deviation("one module for each file", twin, cause)
    lost = found["unserved"]
    if len(found["made"]) > packages.binding.apps:
        for place, own in lost.items():
            raise Deviation(
                f"{packages.binding.apps} app in the package, or others without their own routes",
                f"another is created in {place}, and nothing serves its {_few(own)}",
                "these views are registered on an app that their module created",
            )
        expect(
            "apps" not in packages.binding.model_fields_set,
            f"{packages.binding.apps} app in the package",
            f"its import creates {len(found['made'])}: {_few(found['made'])}",
            cause="what one of them keeps, the others do not have",
        )


#: Errors of a page whose files are missing. Any other may come from data, such as a database,
#: that lies next to the checkout and is not part of the package.
MISSING = ("TemplateNotFound", "TemplatesNotFound", "FileNotFoundError", "ModuleNotFoundError")


def _same(
    expected: Look, seen: Look, where: str, *, demand: str, data_elsewhere: bool = False
) -> None:
    for path, outcome in expected["pages"].items():
        came = seen["pages"][path]
        if data_elsewhere and came.endswith("Error") and came not in MISSING:
            continue
        if outcome.startswith(MISSING) and not came.startswith(MISSING):
            # The directory from which the kit was started is the wrong one.
            text = f"started here GET {path} gives {outcome}, {where} {came}"
        else:
            text = f"{where} GET {path} gives {came}, not {outcome}"
        expect(came == outcome, demand, text)
    for url, outcome in expected["served"].items():
        came = seen["served"][url]
        right = expected["statics"].get(url)
        moved = [
            f"the static folder of {whose} is {folder} when started here, "
            f"and {there} when {where.rstrip(',')}"
            for whose, folder in expected["folders"].items()
            if (there := seen["folders"].get(whose, "none")) != folder
        ]
        if right == came != outcome:
            text = f"started here GET {url} gives {_file(outcome)}, {where} the file"
        else:
            text = f"{where} GET {url} gives {_file(came)}"
        expect(
            came == outcome,
            demand,
            text,
            cause="; ".join(moved) if not data_elsewhere else "",
        )


def _file(outcome: str) -> str:
    return outcome if len(outcome) < 10 else "another file"


@should("simple-packages")
def test_assets_any_cwd(packages: Harness) -> None:
    """Templates are found and static files are served from any working directory.

    Source: Simple Packages: templates and static files are inside the package, which is
    installed, so `flask --app` finds all of it by the package's name.

    Usual cause: a folder is opened relative to the working directory, or the app's import name is
    not the package's, so Flask looks for both in the working directory.
    """
    found = packages.imported()
    home = found["home"]
    demand = "the same pages and static files from any working directory"
    for path, outcome in home["pages"].items():
        expect(not outcome.startswith(NO_TEMPLATE), f"GET {path} to find its template", outcome)
        expect(
            not outcome.startswith(NO_FILE),
            f"GET {path} to find its file",
            outcome,
            cause="the file is looked for in the working directory, whichever that is",
        )
    if lost := packages.misplaced_static():
        raise Deviation("the package's static files to be served", lost)
    for place, seen in packages.other_places().items():
        if isinstance(seen, str):
            raise Deviation(f"an app when started in {place}", seen)
        _same(home, seen, f"started in {place},", demand=demand)


@must("simple-packages")
def test_cli_finds_app(packages: Harness) -> None:
    """`flask --app` with the package's name finds the app and all its endpoints.

    Source: Simple Packages: `--app` with the package's name tells the `flask` command where to
    find the application instance.

    Usual cause: `__init__.py` does not contain the app, or contains another object named `app`
    that the command finds first.
    """
    name, code, output, errors = packages.routes()
    last = (errors.strip().splitlines() or ["nothing on stderr"])[-1]
    expect(code == 0, f"flask --app {name!r} routes to succeed", f"exit code {code}: {last}")
    bare = packages.imported()["bare"] or {}
    missing = {*bare["endpoints"]} - {*output.split()}
    if missing:
        raise Deviation(
            f"flask --app {name!r} routes to list every endpoint of {packages.name}",
            f"missing: {_few(missing)}",
            f"flask took {packages.taken_by_flask(name)}, and not {packages.name}",
        )


@must("simple-packages")
def test_installs(packages: Harness) -> None:
    """The project builds, as a wheel and editable, with the requirements that it declares.

    The build backend is called as an installer would call it, on a copy of the project and
    without network access.

    Source: Simple Packages: a `pyproject.toml` next to the package, and `pip install -e .`.

    Usual cause: `[project]` has a name but no version, which every backend rejects.
    """
    packages.build("wheel", "editable")


@should("simple-packages")
def test_dependencies_declared(packages: Harness) -> None:
    """Every library that the package imports is provided by one of the project's dependencies.

    On the developer's machine everything is already installed; a new environment has only what
    the project declares, and the first import fails. An import inside a handler for
    `ImportError`, and the dependencies of dependencies, need not be declared.

    Source: Simple Packages: `pyproject.toml` lists what the package imports, `flask`, under
    `dependencies`; so does PyPA's pyproject.toml specification, `dependencies`.

    Usual cause: the library was installed with `pip install` and not added to `pyproject.toml`.
    """
    lacking = packages.undeclared()
    for name, place in lacking.items():
        expect(
            False,
            "the project's dependencies to include each library that the package imports",
            f"{name} is not declared; {place} imports it",
            cause=f"`dependencies` does not name {name}",
        )


@should("simple-packages")
def test_wheel_has_assets(packages: Harness) -> None:
    """The built wheel, alone on the path, serves the same pages and static files as the checkout.

    A checkout has all files; what a wheel leaves out is only missed once it is installed.

    Source: Simple Packages: the whole application is moved into the package, which is installed
    to be run.

    Usual cause: a build backend that includes only Python files by default, such as setuptools
    without package data; or a list of packages that lacks a subpackage.
    """
    home = packages.imported()["home"]
    wheel = packages.unpacked()
    lost = {*home["templates"]} - {*wheel["templates"]}
    expect(
        not lost,
        "every template in the wheel",
        f"missing: {_few(lost)}",
        cause=packages.left_out() if lost else "",
    )
    demand = "the wheel to serve what the checkout serves"
    _same(home, wheel, "from the wheel", demand=demand, data_elsewhere=True)


@should("simple-packages")
def test_unique_endpoints(packages: Harness) -> None:
    """Every view function has an endpoint of its own, across all modules.

    Flask rejects the second view at import, and the whole app with it.

    Source: Flask's API, `Flask.add_url_rule`: an endpoint that already has a view function does
    not accept another.

    Usual cause: two modules have a view of the same name, or a decorator without
    `functools.wraps` gives all views the wrapper's name; use blueprints, or name the endpoint.
    """
    found = packages.look()
    taken = found.get("collisions", [])
    if not taken:
        packages.imported()
    expect(
        not taken,
        "an endpoint for each view",
        f"{_few(taken)}: Flask refuses the second",
    )


@harden("working-with-blueprints")
def test_unique_routes(packages: Harness) -> None:
    """No view is shadowed by another with the same URL and method.

    Flask accepts this silently: the view registered first answers, the other never does.

    Source: beyond the chapter; it protects a view from being silently unreachable.

    Usual cause: two blueprints without a URL prefix that both have a view for `/`.
    """
    taken = packages.imported()["hidden"]
    expect(not taken, "a URL for each view", _few(taken))


@should("working-with-blueprints")
def test_blueprint_assets(packages: Harness) -> None:
    """A blueprint's own templates and static files are the ones that are rendered and served.

    All templates share one namespace, and the app's `/static` takes precedence over that of a
    blueprint without a URL prefix. The app may override a blueprint's templates.

    Source: Flask's Modular Applications with Blueprints, "Static Files" and "Templates": a
    blueprint without a prefix cannot serve its static files below the app's path, and of two
    blueprints' templates with the same name only the first is found.

    Usual cause: two blueprints each have an `index.html` outside of a folder with the blueprint's
    name; or a blueprint has static files and no URL prefix.
    """
    found = packages.imported()
    if not found["own_assets"]:
        raise Untested("needs a blueprint with templates or static files of its own")
    lost = found["lost_assets"]
    expect(not lost, "each blueprint's files under its own names", _few(lost))


@should("working-with-blueprints")
def test_links_resolve(packages: Harness) -> None:
    """No page fails because it links to an endpoint that does not exist.

    Source: Flask's Modular Applications with Blueprints, "Building URLs": a blueprint's endpoints
    are prefixed with the blueprint's name and a dot.

    Usual cause: a view moved into a blueprint while `url_for("index")` stayed; inside the
    blueprint it is `url_for(".index")`, elsewhere `url_for("blueprint.index")`.
    """
    home = packages.imported()["home"]
    pages = home["pages"]
    if not pages:
        raise Untested("needs a page: none can be asked for without arguments")
    for path, outcome in pages.items():
        expect(
            not outcome.startswith(NO_ENDPOINT),
            f"GET {path} to build its links",
            outcome,
            cause="`url_for` is called with an endpoint that is not registered"
            + (f": {place}" if (place := home["raised"].get(path)) else ""),
        )


@harden("simple-packages")
def test_import_inert(packages: Harness) -> None:
    """Importing the package starts nothing, writes no file and opens no connection.

    Tests, the command line and every worker import the package; none of them wants a server.

    Source: beyond the chapter; it protects everyone who imports the package without running it.

    Usual cause: `app.run()` without a guard, or setup that belongs in a command, such as creating
    tables.
    """
    found = packages.look()
    effects = found.get("effects", [])
    if not effects:
        packages.imported()
    expect(not effects, "an import without side effects", _few(effects))


@harden("simple-packages")
def test_own_imports_work(packages: Harness) -> None:
    """No import of one of the package's own modules fails silently.

    A library may be optional, with a handler that copes without it. A module of the package
    itself exists, unless its name is misspelled, and then its pages are silently missing. Modules
    specific to one installation, such as `local_settings`, and imports with an alternative are
    ignored.

    Source: beyond the chapter; it protects a part of the application from being lost to a typo.

    Usual cause: a misspelled name, or an import that fails inside the module, under an `except
    ImportError` that was meant for a library.
    """
    failed = packages.imported()["hidden_errors"]
    expect(
        not failed,
        "each import of the package's modules to succeed or its error to propagate",
        _few(failed),
        cause="an `except` swallows the ImportError",
    )


@harden("simple-packages")
def test_debug_not_forced(packages: Harness) -> None:
    """Without settings, the app has debug and testing off, and no secret key from its source.

    An app that is run as installed must be safe to run.

    Source: beyond the chapter; it protects those who run the app as it is installed.

    Usual cause: `app.debug = True` or `SECRET_KEY = "dev"` in the package, left from development.
    """
    bare = packages.imported()["bare"]
    if bare is None:
        # The app refuses to start without settings, which is safest.
        return
    places = [f"{mode} is switched on at {place}" for mode, place in bare["switched"].items()]
    expect(
        not bare["on"],
        "neither debug nor testing mode",
        f"{' and '.join(bare['on'])} is on",
        cause="; ".join(places),
    )
    expect(
        bare["secret"] is None,
        "no SECRET_KEY, or one that is not in the source",
        f"SECRET_KEY is in the source ({bare['secret']})",
    )


@harden("simple-packages")
def test_import_idempotent(packages: Harness) -> None:
    """Threads that import the package concurrently get the same app, with each route once.

    Source: beyond the chapter; it protects servers that import the app in several threads.

    Usual cause: the app is created on first access, such as in a module's `__getattr__`, without
    a lock that makes the other threads wait.
    """
    right, found = packages.imported()["rules"], packages.at_once()
    if "error" in found:
        raise Deviation("concurrent imports to succeed", found["error"])
    given = found["given"]
    expect(
        given == 1,
        "the same app in all threads",
        f"{given} apps",
        cause="no lock makes the other threads wait while one creates the app",
    )
    expect(
        found["rules"] == right,
        "each route once after concurrent imports",
        f"the routes differ: {_few({*found['rules']} ^ {*right}) or 'how often one is registered'}",
    )
