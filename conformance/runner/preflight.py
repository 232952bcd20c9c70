"""Checks once, before any clause, whether the subject can be driven at all.

A wrong setup is then one sentence and the verdict `broken`, rather than a page of failures.
"""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import difflib
import gc
import json
import re
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import flask

from ..core.check import ONCE, Check
from ..core.errors import (
    Broken,
    ConformanceError,
    Kind,
    Missing,
    NotObserved,
    OutOfTime,
    SubjectError,
)
from ..core.told import where
from ..instruments.bench import Bench
from ..patterns import load_pattern
from ..patterns.harness import Harness, Probe
from ..patterns.people import People
from ..subject import Subject
from ..subject.config import Binding, Route
from ..subject.guest import current
from ..subject.guest.isolation import own_places
from ..subject.locate import resolve
from ..subject.people import routes_in
from ..subject.places import chosen
from ..transports import TRANSPORTS, Client, Response
from .engine import Options
from .limits import time_limit

if TYPE_CHECKING:
    from werkzeug.routing import Rule


def preflight(
    subject: Subject,
    options: Options,
    slugs: Collection[str] | None = None,
    places: Sequence[str] = (),
) -> Iterator[Check]:
    """Build the app twice, resolve every component, and probe every bound route once.

    Limited to `slugs`, if given, and to the places that one of the globs `places` matches. Raises
    `SubjectError` if the app cannot be imported or built. Takes at most three times
    `options.timeout`.
    """
    load(subject, options)
    if subject.app is not None:
        check, first, own = _build(subject, options)
        if own:
            subject = dataclasses.replace(subject, config={**own, **subject.config})
            yield Check("", "config", True, _told(own), config=own)
        yield check
        if first is not None:
            # Each clause gets its own process; the preflight shares the one app.
            subject = dataclasses.replace(subject, app=first, config={}, setup=None)
    started = time.perf_counter()
    looked = [
        (slug, place)
        for slug in subject.patterns
        if slugs is None or slug in slugs
        for place in subject.places(slug)
        if chosen(place.name, places)
    ]
    bound = [(slug, place.binding) for slug, place in looked]
    yield from contextvars.copy_context().run(list, _look_at_people(subject, bound, options))
    for slug, place in looked:
        left = options.timeout - (time.perf_counter() - started)
        if left <= 0:
            text = "not probed: earlier checks used up --timeout"
            yield Check(slug, "", False, text, place.name)
            continue
        context = contextvars.copy_context()
        about = subject.by_factory() if load_pattern(slug).of_factory else subject
        for check in context.run(list, _look(slug, about, place.binding, options, left)):
            yield dataclasses.replace(check, place=place.name)
        if (guest := current()) is not None:
            guest.settle()


def _look_at_people(
    subject: Subject, bound: Sequence[tuple[str, Binding]], options: Options
) -> Iterator[Check]:
    """Log in every person that a binding needs, and observe what changes for them."""
    if subject.app is None:
        return
    for name in subject.people:
        pages: list[Route] = []
        needed = often = False
        # Where a link logs out, nobody sees who is logged in.
        out = {each.logout.path for each in subject.people.values() if each.logout is not None}
        for slug, binding in bound:
            alone = {key for kind in load_pattern(slug).harnesses for key in kind.alone}
            origins = {binding.origin(key) for key in binding.key_names()}
            often |= bool(origins & {f"people.{name}.login", "people"})
            needed |= often
            for key, route in routes_in(binding):
                needed |= route.person == name
                is_page = route.method == "GET" and "{" not in route.path
                is_page = is_page and route.path not in out
                if is_page and (route.person == name or (key in alone and route.person is None)):
                    pages.append(route)
        if not needed:
            continue
        key = f"people.{name}.login"
        try:
            text = _log_in(subject, options, name, pages, often)
        except Broken as error:
            key = error.missing[0].name
            yield Check("", key, False, str(error).removeprefix(f"{key}: "))
        except OutOfTime:
            yield Check("", key, False, f"has no full response within {options.timeout:g} s")
        except (NotObserved, ConformanceError):
            # The clauses that need an app report why there is none.
            continue
        else:
            yield Check("", key, True, text)


def _log_in(
    subject: Subject, options: Options, name: str, pages: Sequence[Route], often: bool
) -> str:
    """Return what changes for a person who logs in; `often` if clauses log in themselves."""
    bench = Bench(subject, TRANSPORTS[options.transport])
    with contextlib.closing(bench), time_limit(options.timeout):
        server = bench.serve(bench.build())
        people = People(subject.people, Binding())
        text = people.confirmed(name, lambda: Client(server, bench.ledger), pages)
        took = people.took
        if often and took * options.max_examples > options.timeout:
            # The first login may compile a template or connect; the second shows the usual time.
            people.log_in(Client(server, bench.ledger), name)
            took = people.took
        if often and took * options.max_examples > options.timeout:
            key = f"people.{name}.login"
            raise Broken(f"{key}: {_too_slow('it', took, options)}", Missing(Kind.KEY, key))
        return text


def _too_slow(what: str, took: float, options: Options) -> str:
    return (
        f"{what} takes {took:.1f} s, and a clause sends it about {options.max_examples} times: "
        f"raise --timeout (now {options.timeout:g} s) or lower --max-examples"
    )


def load(subject: Subject, options: Options) -> None:
    """Import the app or factory, if there is one.

    Raises `SubjectError` if that fails or takes longer than `options.timeout`.
    """
    try:
        with time_limit(options.timeout):
            if subject.app is not None:
                subject.target()
    except OutOfTime:
        raise SubjectError(
            f"{subject.name} could not be imported within {options.timeout:g} s"
        ) from None
    # What the imports created stays. Clauses build apps by the hundred, so Python collects
    # garbage often, and would scan all of that each time.
    gc.freeze()


def problems(checks: Sequence[Check]) -> dict[str, str]:
    """Return the first problem of each key, by the key with dots."""
    found: dict[str, str] = {}
    for check in checks:
        if not check.good:
            found.setdefault(check.name, check.sentence)
    return found


def _told(own: Mapping[str, object]) -> str:
    """Describe the settings that give each app its own files and databases."""
    parts = [f"{key} = {json.dumps(value)}" for key, value in own.items()]
    return f"{', '.join(parts)}: each app gets its own"


def _build(subject: Subject, options: Options) -> tuple[Check, Any, dict[str, Any]]:
    """Build the app twice; also return the first one if a second cannot be created.

    And the settings that it needs in order to use nothing that existed before the run.
    """
    own: dict[str, object] = {}
    once: SubjectError | None = None
    app: object = None
    second: object = None
    build = 0.0
    started = time.perf_counter()
    bench = Bench(subject, TRANSPORTS[options.transport])
    try:
        with contextlib.closing(bench), time_limit(options.timeout):
            target = subject.target()
            factory = target.factory
            app = bench.build()
            if (guest := current()) is not None:
                if own := own_places(guest, subject, app):
                    bench.subject = dataclasses.replace(subject, config={**own, **subject.config})
                    try:
                        app = bench.build()
                    except SubjectError:
                        # Then the guest reports what to configure.
                        own, bench.subject = {}, subject
                if subject.by_factory() is not subject:
                    own |= _own_of_factory(bench, subject.by_factory())
                maker = target.found if factory and not target.fixture else None
                guest.look(app, list(subject.patterns), maker)
            if factory:
                gc.collect()
                begun = time.process_time()
                try:
                    second = bench.build()
                except SubjectError as error:
                    once = error
                else:
                    build = time.process_time() - begun
                    if second is not app:
                        second = None
                        build += _to_free()
    except OutOfTime:
        raise SubjectError(
            f"{subject.name} could not be built within {options.timeout:g} s"
        ) from None
    took = time.perf_counter() - started
    if once is not None:
        text = f"{subject.name} creates only one app per process: the second call fails: {once}"
        # What a fixture opened for it is closed by now.
        return Check("", ONCE, True, text), None if target.fixture else app, own
    what = "built twice" if factory else "found (an app object, which clauses share)"
    remarks = list(target.found.remarks) if target.fixture else []
    if target.fixture and second is app:
        remarks.insert(0, "it returns the same app each time, which clauses share")
    text = "; ".join([f"{subject.name} {what} in {took:.2f} s", *remarks])
    return Check("", "app", True, text, build=round(build, 3)), None, own


def _to_free() -> float:
    """Return the processor time, in seconds, that freeing what is garbage by now takes."""
    # An app refers to itself: freeing a large one takes longer than making it.
    seconds = []
    for _ in range(2):
        begun = time.process_time()
        gc.collect()
        seconds.append(time.process_time() - begun)
    # The second time, only what is there is looked through.
    return max(0.0, seconds[0] - seconds[1])


def _own_of_factory(bench: Bench, plain: Subject) -> dict[str, Any]:
    """Return the settings that give the factory's apps places of their own.

    None where it makes no app: the clauses about it say so.
    """
    guest = current()
    assert guest is not None
    with contextlib.suppress(SubjectError), guest.strange_settings():
        app = plain.build(bench.folder, bench.closing)
        return own_places(guest, plain, app)
    return {}


def _look(
    slug: str, subject: Subject, binding: object, options: Options, seconds: float
) -> Iterator[Check]:
    pattern = load_pattern(slug)
    bound = [key for key in pattern.binding.component_keys() if getattr(binding, key) is not None]
    for key in bound:
        try:
            with time_limit(seconds):
                component = resolve(getattr(binding, key), "component")
        except ConformanceError as error:
            yield Check(slug, key, False, str(error).removeprefix("component: "))
        except OutOfTime:
            yield Check(slug, key, False, f"importing it took more than {seconds:.0f} s")
        else:
            yield Check(slug, key, True, f"{component!r:.100}")
    for kind in pattern.harnesses:
        if kind.bound(binding, subject):
            bench = Bench(subject, TRANSPORTS[options.transport])
            with contextlib.closing(bench):
                yield from _probe_all(kind(slug, binding, bench), options, seconds)


def _probe_all(harness: Harness[Any], options: Options, seconds: float) -> Iterator[Check]:
    slug = harness.slug
    started = time.perf_counter()
    for key, text in harness.wrong_keys().items():
        yield Check(slug, key, False, text)
    try:
        probes = harness.probes()
    except (NotObserved, ConformanceError, AssertionError):
        # The clauses that need what is missing report it, each for itself.
        return
    for probe in probes:
        left = seconds - (time.perf_counter() - started)
        begun = time.perf_counter()
        try:
            with time_limit(max(left, 0.1)):
                response = _ask(harness, probe)
        except OutOfTime:
            yield Check(slug, probe.key, False, f"{probe} has no full response after {left:.0f} s")
            return
        except (Broken, ConformanceError) as error:
            # A failing login was already reported, and is not the fault of this key.
            if not any(each.name.startswith("people.") for each in getattr(error, "missing", ())):
                yield Check(slug, probe.key, False, str(error))
            continue
        except NotObserved:
            continue
        took = time.perf_counter() - begun
        check = _assess(harness, probe, response)
        if not check.good and (lost := _refused(harness)):
            check = dataclasses.replace(check, text=f"{check.text}: {lost}")
        yield check
        # The first response may compile a template or connect; the second shows the usual time.
        if took * options.max_examples > options.timeout and not _is_quicker(
            harness, probe, options.timeout / options.max_examples
        ):
            yield Check(slug, probe.key, False, _too_slow(str(probe), took, options))
    unruled: list[Check] = []
    with contextlib.suppress(Broken, ConformanceError, NotObserved, AssertionError, OutOfTime):
        with time_limit(max(seconds - (time.perf_counter() - started), 0.1)):
            unruled += _look_for_rules(harness, {probe.key for probe in probes})
    yield from unruled


def _look_for_rules(harness: Harness[Any], probed: Collection[str]) -> Iterator[Check]:
    """Report each bound route that the app has no rule for, of those that no probe is for.

    Only such a route is sent, and no view runs for it: an app may answer it nevertheless, with
    the handler of its 404.
    """
    if harness.kind != "routes" or not harness.bench.transport.same_process:
        return
    rules = list(harness.flask_app.url_map.iter_rules())
    for key, route in routes_in(harness.binding):
        name = key.partition(".")[0]
        origin = harness.binding.origin(name)
        if name in {*probed, *harness.unruled} or any(_matches(rule, route) for rule in rules):
            continue
        if origin is not None and not origin.endswith(".logout"):
            # Whoever logs in was looked at before.
            continue
        client = harness.client()
        request = harness.prepare(client, route)
        response, unknown = harness.send_and_look(
            client, request, lambda: flask.request.routing_exception is not None
        )
        if unknown and response.status in (404, 405):
            text = f"{request} answers {response.status}{_nearest_rule(harness, route.path)}"
            yield Check("" if origin else harness.slug, origin or name, False, text)


def _matches(rule: Rule, route: Route) -> bool:
    """Check whether a rule may be for a bound route, whatever values there are in its path."""
    if rule.methods is not None and route.method not in rule.methods:
        return False
    parts = re.split(r"<[^>]*>", rule.rule.rstrip("/"))
    path = re.sub(r"\{[^}]*\}", "1", route.path.partition("?")[0]).rstrip("/")
    return re.fullmatch(".+".join(map(re.escape, parts)), path) is not None


def _refused(harness: Harness[Any]) -> str:
    """Return the sentence about a connection that was refused meanwhile; empty if none was."""
    guest = current()
    lost = guest.lost_since(harness.ledger.begun) if guest is not None else []
    return next((each.sentence for each in lost if each.asked), "")


def _ask(harness: Harness[Any], probe: Probe) -> Response:
    client = harness.client()
    return client.send(probe.prepared(harness, client))


def _is_quicker(harness: Harness[Any], probe: Probe, seconds: float) -> bool:
    for _ in range(5):
        begun = time.perf_counter()
        try:
            with time_limit(seconds * 3):
                _ask(harness, probe)
        except OutOfTime:
            continue
        except (Broken, ConformanceError, NotObserved):
            return False
        if time.perf_counter() - begun <= seconds:
            return True
    return False


def _assess(harness: Harness[Any], probe: Probe, response: Response) -> Check:
    text = f"{probe} answers {response.status}"
    if response.status in probe.wrong:
        path = response.request.target.partition("?")[0]
        return Check(harness.slug, probe.key, False, text + _nearest_rule(harness, path))
    if response.status >= 500 and not probe.fails:
        if response.error is not None:
            place = where(response.error)
            text += f" ({type(response.error).__name__}: {response.error}"
            text += f"; {place})" if place else ")"
        elif response.handled:
            text += f" ({response.handled})"
        return Check(harness.slug, probe.key, False, text)
    if response.status == 400 and "CSRF" in response.text:
        text += ": it requires a CSRF token; set form_page to the page with the form that has it"
    return Check(harness.slug, probe.key, True, text)


def _nearest_rule(harness: Harness[Any], path: str) -> str:
    url_map = getattr(harness.app, "url_map", None)
    if url_map is None:
        return ""
    rules = {rule.rule: rule.methods or set() for rule in url_map.iter_rules()}
    if path in rules:
        return f"; that rule accepts {', '.join(sorted(rules[path]))}"
    close = difflib.get_close_matches(path, rules, n=1, cutoff=0.4)
    return f"; did you mean {close[0]!r}?" if close else ""
