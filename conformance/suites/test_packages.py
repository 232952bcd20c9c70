"""The clauses of Large Applications as Packages."""

from __future__ import annotations

from collections.abc import Collection

from conformance.clause import expect, harden, must, should
from conformance.core.errors import Deviation, Untested
from conformance.patterns.packages import Look, PackagesHarness

Harness = PackagesHarness

#: What a page's outcome begins with where its template or a link's endpoint is not there.
NO_TEMPLATE, NO_ENDPOINT = "TemplateNotFound", "BuildError"


def _few(names: Collection[str]) -> str:
    shown = ", ".join(sorted(names)[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


#: What an import says of a name that its module has not got to yet.
TOO_EARLY = "partially initialized module"


@must("simple-packages")
def test_import_exposes_app(packages: Harness) -> None:
    """Importing the package gives a Flask app, or a factory of one, that is rooted in the package.

    From the import name follow the folders of templates and static files, the
    loggers' names, and what extensions take for the app's root. In a module of the
    package `Flask(__name__)` is right, too.

    Source: Simple Packages, first point of the checklist: where the app object is created
    `__name__` names the package.

    Usual cause: views are imported above the app object; or the app's name was typed in
    and is another one.
    """
    found = packages.look()
    if "error" in found:
        cause = ""
        if TOO_EARLY in found["error"]:
            cause = "a module is imported above the name that it takes from the importing one"
        raise Deviation(f"{packages.name} to give a Flask app", found["error"], cause)
    expect(
        found["rooted"],
        f"an app whose root path is a folder of {found['package']}",
        f"it is {found['root']}, as its import name is {found['import_name']!r}",
    )


@must("simple-packages")
def test_routes_after_bare_import(packages: Harness) -> None:
    """Once the package gives its app every route is there: no later import adds one.

    A module with views that nothing imports is silently missing: its pages are 404.

    Source: Simple Packages, second point of the checklist: each module with view functions
    is imported in `__init__.py`.

    Usual cause: a new module with views that `__init__.py`, or the factory, does not
    import yet.
    """
    found = packages.imported()
    late = set(found["all_rules"]) - set(found["rules"])
    expect(
        not late,
        "all routes once the package has been imported",
        f"an import of every submodule adds {_few(late)}",
        cause="nothing imports the module that has these views",
    )
    for error in found["late"]:
        raise Deviation(
            "all routes once the package has been imported",
            f"a submodule that is imported later fails to add its own: {error}",
        )


@should("simple-packages")
def test_import_any_module_first(packages: Harness) -> None:
    """Any submodule may be imported first, and the others in any order: the routes are the same.

    A test, a worker or a script may begin with any module. A circle of imports that only
    works from one end breaks there. Each submodule that the package itself does not import
    comes first in one of some orders, which the run's seed decides on.

    Source: Simple Packages, first point of the checklist: each module can import the app
    safely.

    Usual cause: two modules take names from each other at their tops; import the module
    instead, or the name inside the function that wants it.
    """
    orders = packages.orders()
    right = set(packages.imported()["all_rules"])
    for found in orders:
        order = found["order"]
        if "error" in found:
            after = _few(found["after"]) or "nothing else"
            verb = "import" if found["module"] in order else "give an app"
            cause = "two modules take names from each other" if TOO_EARLY in found["error"] else ""
            raise Deviation(f"{found['module']} to {verb} after {after}", found["error"], cause)
        differ = right ^ set(found["rules"])
        expect(
            not differ,
            f"the same routes when {order[0]} is imported first",
            f"differs in {_few(differ)}",
        )


@must("simple-packages")
def test_single_app(packages: Harness) -> None:
    """No view is lost to an app that nobody serves, and no file is imported as two modules.

    Of two apps one has the routes, and the other is served. A further app to which the served
    one can hand requests, or whose routes it has too, is right.

    Source: Simple Packages, first point of the checklist: there is an app object, in
    `__init__.py`, and each module imports that one.

    Usual cause: a module imports from `package.__init__`, which Python takes for another
    module than `package`; or it makes an app of its own instead of importing the one.
    """
    found = packages.imported()
    for twin in found["twins"]:
        raise Deviation("one module of each file", twin, "an import names `__init__`")
    lost = found["unserved"]
    if len(found["made"]) > packages.binding.apps:
        for place, own in lost.items():
            raise Deviation(
                f"{packages.binding.apps} app in the package, or others that have no routes alone",
                f"another one is made in {place}, and nothing serves its {_few(own)}",
                "these views are registered with an app of their module's own",
            )


#: Errors of a page whose files are not there. Any other may come of data, such as a
#: database, that lies beside the checkout and is no part of the package.
MISSING = ("TemplateNotFound", "TemplatesNotFound", "FileNotFoundError", "ModuleNotFoundError")


def _same(
    expected: Look, seen: Look, where: str, *, demand: str, data_elsewhere: bool = False
) -> None:
    for path, outcome in expected["pages"].items():
        came = seen["pages"][path]
        if data_elsewhere and came.endswith("Error") and came not in MISSING:
            continue
        if outcome.startswith(MISSING) and not came.startswith(MISSING):
            # Where the kit was started is the wrong place.
            text = f"started here GET {path} gives {outcome}, {where} {came}"
        else:
            text = f"{where} GET {path} gives {came}, not {outcome}"
        expect(came == outcome, demand, text)
    for url, outcome in expected["served"].items():
        came = seen["served"][url]
        right = expected["statics"].get(url)
        if right == came != outcome:
            text = f"started here GET {url} gives {_file(outcome)}, {where} the file"
        else:
            text = f"{where} GET {url} gives {_file(came)}"
        expect(came == outcome, demand, text)


def _file(outcome: str) -> str:
    return outcome if len(outcome) < 10 else "another file"


@should("simple-packages")
def test_assets_any_cwd(packages: Harness) -> None:
    """Templates are found and static files served, whatever the working directory is.

    Source: Simple Packages: templates and static files are in the package, which is
    installed, so that `flask --app` finds all of it by the package's name.

    Usual cause: a folder that is opened from where the server was started, or an import
    name that is not the package's: Flask then looks for both in the working directory.
    """
    found = packages.imported()
    home = found["home"]
    demand = "pages and static files as they are from any working directory"
    for path, outcome in home["pages"].items():
        expect(not outcome.startswith(NO_TEMPLATE), f"GET {path} to find its template", outcome)
    for place, seen in packages.other_places().items():
        if isinstance(seen, str):
            raise Deviation(f"an app when started in {place}, as here", seen)
        _same(home, seen, f"started in {place},", demand=demand)


@must("simple-packages")
def test_cli_finds_app(packages: Harness) -> None:
    """`flask --app` with the package's name finds the app, with all its endpoints.

    Source: Simple Packages: `--app` with the package's name tells the `flask` command where
    the application instance is.

    Usual cause: the package's `__init__.py` does not hold the app, or it holds another
    object named `app` that the command finds first.
    """
    name, code, output, errors = packages.routes()
    last = (errors.strip().splitlines() or ["nothing on stderr"])[-1]
    expect(code == 0, f"flask --app {name!r} routes to work", f"exit code {code}: {last}")
    bare = packages.imported()["bare"] or {}
    missing = {*bare["endpoints"]} - {*output.split()}
    expect(
        not missing,
        f"flask --app {name!r} routes to list every endpoint",
        f"missing: {_few(missing)}",
        cause="the command finds another app than the configuration names",
    )


@must("simple-packages")
def test_installs(packages: Harness) -> None:
    """The project's metadata builds, to a wheel and editable, with what it declares to need.

    Its backend is called as an installer calls it, in a copy of the project and without
    a network.

    Source: Simple Packages: a `pyproject.toml` beside the package, and `pip install -e .`.

    Usual cause: `[project]` has a name but no version, which no backend accepts.
    """
    packages.build("wheel", "editable")


@should("simple-packages")
def test_dependencies_declared(packages: Harness) -> None:
    """Each library that the package imports comes with one of the project's dependencies.

    Where it was developed everything is installed already; a new environment has what the
    project declares, and the first import fails. An import that a handler of `ImportError`
    is around, and what dependencies bring along themselves, need no word.

    Source: Simple Packages: the `pyproject.toml` lists what the package imports, `flask`,
    under `dependencies`; so does the pyproject.toml specification of PyPA, `dependencies`.

    Usual cause: `pip install` in the developer's environment, and no line in `pyproject.toml`.
    """
    lacking = packages.undeclared()
    for name, place in lacking.items():
        expect(
            False,
            "each library that the package imports among the project's dependencies",
            f"{name} is not there, which {place} imports",
            cause=f"`dependencies` does not name {name}",
        )


@should("simple-packages")
def test_wheel_has_assets(packages: Harness) -> None:
    """The package in the built wheel, alone on the path, serves the same pages and static files.

    From a checkout everything is found; what a wheel leaves out is missing only once
    it is installed.

    Source: Simple Packages: all of the application is moved into the package, which is
    installed to be run.

    Usual cause: a build backend that takes Python files alone unless it is told of data,
    as setuptools without package data; or a list of packages that lacks a subpackage.
    """
    home = packages.imported()["home"]
    wheel = packages.unpacked()
    lost = {*home["templates"]} - {*wheel["templates"]}
    expect(
        not lost,
        "every template in the wheel",
        f"missing: {_few(lost)}",
        cause="the build backend was not told of these files",
    )
    demand = "the wheel to serve what the checkout serves"
    _same(home, wheel, "from the wheel", demand=demand, data_elsewhere=True)


@should("simple-packages")
def test_unique_endpoints(packages: Harness) -> None:
    """No two views take the same endpoint, in whichever modules they are.

    Flask refuses the second at import, and the whole app with it.

    Source: Flask's API, `Flask.add_url_rule`: an endpoint that has a view already takes no
    other one.

    Usual cause: two modules have a view of the same name, or a decorator without
    `functools.wraps` gives all views its own; use blueprints, or name the endpoint.
    """
    found = packages.look()
    taken = found.get("collisions", [])
    if not taken:
        packages.imported()
    expect(not taken, "an endpoint for each view", _few(taken))


@harden("working-with-blueprints")
def test_unique_routes(packages: Harness) -> None:
    """No view is hidden by another one that has the same URL and method.

    Flask says nothing: the one that was registered first answers, the other never.

    Source: beyond the chapter; it protects a view from being lost without a word.

    Usual cause: two blueprints without a URL prefix that both have a view for `/`.
    """
    taken = packages.imported()["hidden"]
    expect(not taken, "a URL for each view", _few(taken))


@should("working-with-blueprints")
def test_blueprint_assets(packages: Harness) -> None:
    """A blueprint's own templates and static files are those that are found and served.

    All templates are in one space of names, and the app's `/static` comes before that
    of a blueprint without a URL prefix. The app may override a blueprint's templates.

    Source: Flask's Modular Applications with Blueprints, "Static Files" and "Templates": a
    blueprint without a prefix cannot serve its static files below the app's path, and of two
    blueprints' templates of one name only the first is found.

    Usual cause: two blueprints with an `index.html` each, not in a folder of the
    blueprint's name; or a blueprint with static files and no URL prefix.
    """
    found = packages.imported()
    if not found["own_assets"]:
        raise Untested("needs a blueprint with templates or static files of its own")
    lost = found["lost_assets"]
    expect(not lost, "each blueprint's files under its own names", _few(lost))


@should("working-with-blueprints")
def test_links_resolve(packages: Harness) -> None:
    """No page fails for a link to an endpoint that does not exist.

    Source: Flask's Modular Applications with Blueprints, "Building URLs": an endpoint of a
    blueprint has the blueprint's name and a dot in front.

    Usual cause: a view moved into a blueprint, and `url_for("index")` stayed; inside of
    the blueprint it is `url_for(".index")`, elsewhere `url_for("blueprint.index")`.
    """
    pages = packages.imported()["home"]["pages"]
    if not pages:
        raise Untested("needs a page: none can be asked for without arguments")
    for path, outcome in pages.items():
        expect(
            not outcome.startswith(NO_ENDPOINT),
            f"GET {path} to find its links",
            outcome,
            cause="`url_for` is given an endpoint that nothing is registered under",
        )


@harden("simple-packages")
def test_import_inert(packages: Harness) -> None:
    """An import starts no server, process or thread, and writes and connects nothing.

    Tests, the command line and every worker import the package; none wants a server.

    Source: beyond the chapter; it protects everyone who imports the package without
    running it.

    Usual cause: `app.run()` without a guard, or set-up that belongs into a command,
    such as the creation of tables.
    """
    found = packages.look()
    effects = found.get("effects", [])
    if not effects:
        packages.imported()
    expect(not effects, "an import without effects", _few(effects))


@harden("simple-packages")
def test_own_imports_work(packages: Harness) -> None:
    """No import of one of the package's own modules fails unseen.

    A library may be missing on purpose, and a handler says what to do without it. A module
    of the package itself is there, or its name is misspelt: its pages are missing without a
    word. Modules of an installation's own, such as `local_settings`, and imports that another
    one stands in for are left out.

    Source: beyond the chapter; it protects a part of the application from being lost to a
    typing error.

    Usual cause: a misspelt name, or an import that fails inside of the module, below an
    `except ImportError` that was meant for a library.
    """
    failed = packages.imported()["hidden_errors"]
    expect(
        not failed,
        "each import of a module of the package to work, or its error to be seen",
        _few(failed),
        cause="an `except` passes over the ImportError",
    )


@harden("simple-packages")
def test_debug_not_forced(packages: Harness) -> None:
    """Without settings the app is not in debug or testing mode, and has no key out of its source.

    Whoever runs it as it comes must get an app that is safe to run.

    Source: beyond the chapter; it protects those who run the app as it is installed.

    Usual cause: `app.debug = True` or `SECRET_KEY = "dev"` in the package, for development.
    """
    bare = packages.imported()["bare"]
    if bare is None:
        # It refuses to start without: nothing is safer.
        return
    expect(not bare["on"], "neither debug nor testing mode", f"{' and '.join(bare['on'])} is on")
    expect(
        bare["secret"] is None,
        "no SECRET_KEY, or one from outside",
        f"it stands in the source ({bare['secret']})",
    )


@harden("simple-packages")
def test_import_idempotent(packages: Harness) -> None:
    """Threads that import the package at one moment get the same app, with each route once.

    Source: beyond the chapter; it protects servers that import the app in several threads.

    Usual cause: the app is made when it is first asked for, as in a module's
    `__getattr__`, and no lock lets one thread make it while the others wait.
    """
    right, found = packages.imported()["rules"], packages.at_once()
    if "error" in found:
        raise Deviation("an import in several threads to work", found["error"])
    given = found["given"]
    expect(
        given == 1,
        "the same app in all threads",
        f"{given} apps",
        cause="no lock lets one thread make the app while the others wait",
    )
    expect(
        found["rules"] == right,
        "each route once after an import in several threads",
        f"differs in {_few({*found['rules']} ^ {*right}) or 'how often one is there'}",
    )
