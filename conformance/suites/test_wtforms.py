"""The clauses of Form Validation with WTForms."""

from __future__ import annotations

import contextlib
import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from hypothesis import strategies as st
from hypothesis.stateful import rule

from conformance.clause import (
    example,
    expect,
    explore,
    given,
    harden,
    must,
    should,
    together,
)
from conformance.core.errors import Broken, Deviation, Untested
from conformance.instruments import whatwg
from conformance.instruments.html import normal
from conformance.instruments.strategies import Machine
from conformance.patterns.wtforms import (
    INTRUDER,
    Attempt,
    Breakage,
    FormPage,
    WTFormsHarness,
    intruders,
    is_entry,
    keeps,
    lines_of,
    of_length,
    place_of,
)
from conformance.transports import Client, Request, Response, Upload

Harness = WTFormsHarness

#: Characters that no filter removes and no normal form composes; some are two UTF-16 units.
ALPHABET = "abcxyz0189éß漢かж😀🐍"

#: What a browser sends with a request from another site's page.
FOREIGN = (
    ("Origin", "https://evil.example"),
    ("Referer", "https://evil.example/win"),
    ("Sec-Fetch-Site", "cross-site"),
)

#: How many ways to make a record's data invalid are tried, the first ones.
EDITS = 6

pick = st.integers(0, 59)
picks = st.lists(pick, min_size=1, max_size=3)
who = st.integers(0, 1)
fills = st.text(ALPHABET, min_size=1, max_size=6)

hostile = st.tuples(
    st.sampled_from(
        [
            "<{0}>",
            '"><{0}>',
            "'><{0}>",
            '" {0}="',
            "' {0}='",
            "a {0}=1",
            "</textarea><{0}>",
            "</title></script><{0}>",
            "&lt;{0}&gt;",
            "<!--",
            "{{{{ 7*7 }}}}",
        ]
    ),
    st.text(ALPHABET + "<>&\"'", max_size=4),
).map(lambda drawn: drawn[0].format(INTRUDER) + drawn[1])

raw_bodies = st.tuples(
    st.sampled_from(
        [
            "application/json",
            "application/x-www-form-urlencoded; charset=utf-16",
            "multipart/form-data",
            "text/plain",
            "",
        ]
    ),
    st.one_of(
        st.sampled_from([b"", b"[]", b"null", b'"text"', b'{"a": {"b": [1]}}', b"%%%=%&&=;\xff"]),
        st.binary(max_size=40),
    ),
)
any_text = st.one_of(st.text(max_size=12), st.sampled_from(["\0", "0", "x" * 300, "9" * 400]))


#: What a form's filters are meant to clean up.
UNTIDY = (
    lambda text: f"  {text}  ",
    lambda text: text.swapcase(),
    lambda text: f"{text[:-1]}  {text[-1:]}",
)

#: What a database, or a person, may consider the same as another value.
ALIKE: dict[str, Callable[[str], str]] = {
    "in other letters": str.swapcase,
    "with a space before it": lambda text: f" {text}",
    "with a space after it": lambda text: f"{text} ",
    "with a zero width space": lambda text: f"{text}\u200b",
    "in another normal form": partial(unicodedata.normalize, "NFD"),
}


def several(wtforms: Harness, drawn: list[int]) -> list[Breakage]:
    """Return breakages that are independent of one another."""
    chosen: list[Breakage] = []
    for number in drawn:
        breakage = wtforms.breakages[number % len(wtforms.breakages)]
        if not any(breakage.touched & other.touched for other in chosen):
            chosen.append(breakage)
    return chosen


def described(breakages: list[Breakage]) -> str:
    """Return a description of what is wrong with a submission."""
    return " and ".join(each.what for each in breakages)


@must("in-the-view", share=0.1)
@given(picked=picks, text=any_text)
@example(picked=[0], text="")
def test_get_clean(wtforms: Harness, picked: list[int], text: str) -> None:
    """A GET shows the form without errors or side effects, whatever the query string.

    Source: the view validates if the method is POST, and shows the form otherwise.

    Usual cause: the form is validated on every request, not only on POST, or is created from
    `request.values`.
    """
    names = wtforms.choose_all(list(wtforms.valid), picked=picked)
    query = dict.fromkeys(names, text)
    before = wtforms.look()
    form = wtforms.open(wtforms.visitor(), query)
    expect(wtforms.look() == before, "a GET without side effects", "the stored data changed")
    for name in form.controls:
        first = next((each for each in wtforms.breakages if each.at == (name,)), None)
        other = wtforms.breakage_beside(*first.touched) if first else None
        if first is None or other is None:
            continue
        wrong, right = (errors_of(wtforms, each, name) for each in (first, other))
        if wrong is None or right is None:
            continue
        errors = (set(wrong) - set(right)) & set(form.said_near(name))
        expect(not errors, f"no error at {name} before the form is submitted", sorted(errors))


def errors_of(wtforms: Harness, breakage: Breakage, name: str) -> list[str] | None:
    """Return what is said near a field after a submission with the breakage, requested once.

    None if the form is not shown again.
    """
    cache: dict[object, list[str] | None] = wtforms.__dict__.setdefault("_said", {})
    key = (breakage.what, name)
    if key not in cache:
        attempt = wtforms.submit(wtforms.visitor(), wtforms.entry().broken(breakage))
        shown = not attempt.accepted and not wtforms.turned_away(attempt, [breakage])
        form = wtforms.again(attempt.response) if shown else None
        cache[key] = form.said_near(name) if form else None
    return cache[key]


class Submissions(Machine):
    """Two visitors who submit and reload; the model is a list of marks."""

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness)
        self.wtforms = harness
        self.visitors = [harness.visitor(), harness.visitor()]
        self.marks: list[str] = []
        self.last: dict[int, Request] = {}
        #: What the latest step was, in words.
        self.done = "one submission"

    @rule(who=who)
    def submit(self, who: int) -> None:
        """Fill in the form, submit it, and follow the response."""
        client, entry = self.visitors[who], self.wtforms.entry()
        sent = self.wtforms.request(self.wtforms.open(client), entry.values)
        response = client.send(sent)
        expect(response.status < 400, f"{entry.values} to be accepted", response)
        if not self.marks:
            self.wtforms.shows_once(entry)
        self.marks.append(entry.mark)
        final = client.follow(response)
        if response.is_redirect:
            expect(final.status < 400, "the redirect to lead to a page", final)
            self.last[who] = Request.build("GET", client.resolve(response), host=client.host)
        elif response.mimetype == "text/html":
            self.last[who] = sent
        self.done = "a submission"
        self.check(who)

    @rule(who=who, number=pick)
    def correct(self, who: int, number: int) -> None:
        """Submit something wrong, correct it in the form that is shown again, and submit that."""
        wtforms, client, entry = self.wtforms, self.visitors[who], self.wtforms.entry()
        if not wtforms.breakages:
            return
        breakage = wtforms.breakages[number % len(wtforms.breakages)]
        attempt = wtforms.submit(client, entry.broken(breakage), wtforms.open(client))
        if attempt.accepted or wtforms.turned_away(attempt, [breakage]):
            return
        form = wtforms.again(attempt.response)
        if form is None:
            return
        response = client.send(wtforms.request(form, entry.values))
        expect(response.status < 400, "the corrected form to be accepted", response)
        self.last.pop(who, None)
        client.follow(response)
        self.marks.append(entry.mark)
        self.done = "a submission that was corrected"
        self.check(who)

    @rule(who=who)
    def reload(self, who: int) -> None:
        """Reload what the browser shows, which repeats the request that led there."""
        if who in self.last:
            repeats = self.last[who].method != "GET"
            self.wtforms.ledger.note("the browser reloads the page that it shows")
            self.visitors[who].send(self.last[who])
            self.done = "reloading the page" + (
                ", which sent the POST again, as it was answered without a redirect"
                if repeats
                else ""
            )
            self.check(who)

    def check(self, who: int) -> None:
        """Expect each submission to be stored once."""
        text = self.wtforms.stored(self.visitors[who])
        # A form that edits a record leaves nothing of earlier submissions.
        marks = self.marks[-1:] if self.wtforms.changes_record else self.marks
        counts = [text.count(mark) for mark in marks]
        if len(counts) > 1 and counts[-1] == 1 and not any(counts[:-1]):
            # Editing a record is what an edit form is for; only a person knows that this is one.
            hint = ": each submission replaces the one before, as on an edit page"
            raise Untested.for_keys(self.wtforms.slug, "edit", hint=hint)
        expect(
            set(counts) <= {1},
            "each accepted submission to be stored once",
            f"after {self.done}, {max(counts) if max(counts, default=1) > 1 else 0} records have "
            "the value of one submission"
            + (f" (of {len(counts)} submissions: {counts})" if len(counts) > 1 else ""),
        )


@must("in-the-view", share=0.2)
def test_post_valid(wtforms: Harness) -> None:
    """Valid data is stored once, and reloading the resulting page does not store it again.

    Source: data that validates is stored, and the view redirects.

    Usual cause: the view renders a page instead of redirecting, or redirects with 307.
    """
    wtforms.stored()
    explore(lambda: Submissions(wtforms), steps=6)


@should("in-the-view")
def test_persisted(wtforms: Harness) -> None:
    """Accepted data is available to other visitors, not only on the page that confirms it.

    Source: the view adds the user to the session and redirects.

    Usual cause: the database session is not committed, so that only the connection that wrote the
    record sees it; or the data is kept in the visitor's session.
    """
    client, entry = wtforms.visitor(), wtforms.entry()
    wtforms.stored()
    attempt = wtforms.submit(client, entry.values)
    client.follow(attempt.response)
    # Another thread has another database connection.
    (stored,) = together(wtforms.stored)
    if entry.mark not in stored:
        wtforms.ledger.note("the page was requested in another thread; now in the first one:")
        if entry.mark in wtforms.stored():
            who = "; asked for in the thread that submitted it, they do"
        elif entry.mark in wtforms.stored(client):
            who = "; only the visitor who submitted it sees it"
        else:
            who = "; nor does the visitor who submitted it"
        raise Deviation(
            f"another visitor to see {entry.values[wtforms.marked][0]!r}",
            f"they do not, although the response was {attempt.response}{who}",
        )


@must("in-the-view", share=0.15)
@given(picked=picks)
@example(picked=[])
def test_post_invalid(wtforms: Harness, picked: list[int]) -> None:
    """Invalid data has no effect, and the form is shown again with the valid values kept.

    The status may be 200, as in the docs, or 422. Passwords need not be kept, and nothing need be
    kept if a field is missing that every browser sends: that may be a 400.

    Source: if the data does not validate, the template is rendered with the form.

    Usual cause: the view ignores the result of `validate()`, redirects to an empty form, or
    renders a new form object.
    """
    # None picked: each one alone.
    for breakages in [several(wtforms, picked)] if picked else [[b] for b in wtforms.breakages]:
        values = wtforms.entry().broken(*breakages)
        attempt = wtforms.submit(wtforms.visitor(), values)
        expect(not attempt.accepted, f"no effect when {described(breakages)}", attempt)
        expect(
            not attempt.response.is_redirect and attempt.response.status < 500,
            f"the form again when {described(breakages)}",
            attempt.response,
        )
        if wtforms.turned_away(attempt, breakages):
            continue
        form = wtforms.again(attempt.response)
        if form is not None:
            touched = {name for breakage in breakages for name in breakage.touched}
            right = set(form.controls) & set(values) - touched - set(wtforms.passwords)
            for name in right:
                keeps_value(form, name, values[name], described(breakages))


def keeps_value(form: FormPage, name: str, sent: list[str], why: str) -> None:
    """Expect a form that is shown again to keep a field's value, or a checkbox its state."""
    if form.kind(name) == "file":
        return
    kept = form.values(name)
    one_box = form.kind(name) == "checkbox" and len(form.controls[name]) == 1
    same = bool(kept) == bool(sent) if one_box else kept == [lines_of(each) for each in sent]
    expect(same, f"{name} to keep {sent} when {why}", f"it has {kept}")


@must("the-forms", share=0.2)
@given(
    edits=st.lists(
        st.tuples(
            pick,
            st.sampled_from(["short", "least", "most", "long", "empty", "missing", "unequal"]),
            fills,
        ),
        min_size=1,
        max_size=3,
    )
)
@example(edits=[(0, "most", "🐍")])
@example(edits=[(0, "long", "🐍")])
@example(edits=[(0, "least", "a")])
@example(edits=[(0, "short", "a")])
def test_model_agreement(wtforms: Harness, edits: list[tuple[int, str, str]]) -> None:
    """The form accepts exactly the data that satisfies its declared rules.

    Lengths are counted in characters; an empty or missing value has none.

    Source: `validate` returns True if the data validates, by the rules of the form class.

    Usual cause: the view or the database has a different limit from the form, lengths are counted
    in bytes, or a rule is not checked.
    """
    rules = wtforms.declared
    names = [name for name in rules if name in wtforms.valid and wtforms.clean.is_text(name)]
    if not names:
        raise Untested.for_keys("wtforms", "rules", "form", hint=", with a text field")
    values, touched = wtforms.entry().values, set()
    for number, how, fill in edits:
        name = names[number % len(names)]
        changed = edited(wtforms, name, how, fill, values)
        values.update(changed)
        touched |= set(changed) | {name}
    expected = keeps(rules, values)
    if expected and not (touched <= wtforms.complete and distinct(wtforms, values)):
        return
    attempt = wtforms.submit(wtforms.visitor(), values)
    shown = " and ".join(sized(name, values.get(name)) for name in sorted(touched))
    if attempt.accepted != expected:
        said = "" if attempt.accepted else errors_beside(wtforms, attempt.response)
        raise Deviation(
            f"{shown} to be {'accepted' if expected else 'rejected'}, by the declared rules",
            f"{attempt}{said}",
        )


def sized(name: str, given: list[str] | None) -> str:
    """Return a field with its value and the length of that."""
    if not given:
        return f"no {name}"
    return f"{name}={given[0]!r} ({len(given[0])} characters, {len(given[0].encode())} bytes)"


def errors_beside(wtforms: Harness, response: Response) -> str:
    """Return, for a failure, what a rejection says near each field, if it shows the form."""
    if response.mimetype != "text/html" or response.is_redirect:
        return ""
    form = FormPage(response, wtforms.valid)
    said = {
        name: sorted(set(form.said_near(name)) - set(wtforms.clean.said_near(name)))
        for name in form.controls
        if name in wtforms.clean.controls
    }
    return "".join(
        f"; near {name} it says {' '.join(texts)!r}" for name, texts in said.items() if texts
    )


def edited(
    wtforms: Harness, name: str, how: str, fill: str, values: dict[str, list[str]]
) -> dict[str, list[str]]:
    """Return the changes that bring a field to a limit of its rules, if it has that limit."""
    declared = wtforms.declared[name]
    if how == "unequal":
        other = declared.equal
        return {other: [values[other][0] + "x"]} if other and values.get(other) else {}
    least, most = declared.min or 1, declared.max
    lengths = {"short": least - 1, "least": least, "empty": 0}
    if most is not None and most < 10_000:
        lengths |= {"most": most, "long": most + 1}
    if how == "missing":
        if is_entry(name):
            return {}
        given: list[str] = []
    elif how in lengths:
        given = [of_length(lengths[how], fill)]
    else:
        return {}
    return dict.fromkeys((name, *wtforms.linked(name)), given)


def distinct(wtforms: Harness, values: dict[str, list[str]]) -> bool:
    """Check whether the value that must be unique had enough room to be so."""
    return all(len("".join(values.get(unique, []))) >= 4 for unique in wtforms.uniques)


@must("the-forms")
def test_server_side(wtforms: Harness) -> None:
    """The server enforces the rules that the page's attributes state to the browser.

    A script that submits the form is not subject to the browser's checks.

    Source: the form class defines the rules, and `validate` checks them on the server.

    Usual cause: `required` or `maxlength` is only in the template, without a validator in the
    form class.
    """
    breakages = wtforms.broken_by_page()
    if not breakages:
        raise Untested("the form has no attributes that state rules")
    for breakage in breakages:
        attempt = wtforms.submit(wtforms.visitor(), wtforms.entry().broken(breakage))
        expect(
            not attempt.accepted,
            f"the data to be rejected when {breakage.what}, "
            f"as the page states: {stated(wtforms, breakage)}",
            attempt,
        )


def stated(wtforms: Harness, breakage: Breakage) -> str:
    """Return the start tags of the fields that a breakage is about, with what states a rule."""
    tags = []
    for name in breakage.at:
        control = wtforms.clean.controls[name][0]
        keys = ("type", "name", "required", "minlength", "maxlength")
        words = [f'{key}="{control.attributes[key]}"' for key in keys if key in control.attributes]
        tags.append(f"<{' '.join([control.tag, *words])}>")
    return " ".join(tags)


@must("in-the-view")
def test_source(wtforms: Harness) -> None:
    """A form submitted with POST reads its values from the body, not from the query string.

    Source: a form that is submitted with POST is created from `request.form`.

    Usual cause: `request.values` or `request.args` instead of `request.form`.
    """
    if wtforms.binding.submit is None and not is_post(wtforms):
        raise Untested("the form is not submitted with POST")
    client, entry, other = wtforms.visitor(), wtforms.entry(), wtforms.entry()
    query = {name: values[0] for name, values in other.values.items() if values}
    # A form without required fields accepts an empty body, but not the values of the query.
    empty = wtforms.submit(client, {}, query=query)
    expect(
        not empty.accepted or other.mark not in wtforms.stored(),
        "valid data in the query alone to have no effect",
        empty,
    )
    attempt = wtforms.submit(client, entry.values, query=query)
    stored = wtforms.stored()
    expect(attempt.accepted, "valid data in the body to be accepted", attempt)
    expect(
        entry.mark in stored and other.mark not in stored,
        f"{entry.values[wtforms.marked]} from the body to be stored",
        f"{other.values[wtforms.marked]} from the query is stored",
    )


def is_post(wtforms: Harness) -> bool:
    """Check whether the page's form is submitted with POST."""
    return wtforms.clean.form.attributes.get("method", "").lower() == "post"


@must("in-the-view")
def test_data_used(wtforms: Harness) -> None:
    """The view stores the form's processed data rather than the submitted values.

    When the form is shown again, it has what its filters made of a value: that, and nothing else,
    was validated.

    Source: individual values of the form are accessed as `form.<NAME>.data`.

    Usual cause: the view stores `request.form["name"]` after validating the form.
    """
    wtforms.host_only("a form class stores nothing")
    wtforms.stored()
    tidied = 0
    for name in wtforms.valid:
        beside = wtforms.breakage_beside(name, *wtforms.linked(name))
        if beside is None or not wtforms.clean.is_text(name) or name in wtforms.passwords:
            continue
        for untidy in UNTIDY:
            entry = wtforms.entry()
            text = untidy(entry.values[name][0])
            values = entry.but({key: [text] for key in (name, *wtforms.linked(name))})
            attempt = wtforms.submit(wtforms.visitor(), {**values, **beside.changes})
            away = attempt.accepted or wtforms.turned_away(attempt, [beside])
            form = None if away else wtforms.again(attempt.response)
            made = "".join(form.values(name)) if form else text
            if text in made:
                continue
            tidied += 1
            before = wtforms.stored()
            attempt = wtforms.submit(wtforms.visitor(), values)
            expect(
                wtforms.stored().count(text) <= before.count(text),
                f"{made!r} to be stored, which the form made from {name}={text!r}",
                f"{text!r} is stored",
                cause="the view reads `request.form` instead of the form's `data`.",
            )
    if not tidied:
        raise Untested("no field of the form changes what was submitted: it has no filters")


@must("in-the-view")
def test_search(wtforms: Harness) -> None:
    """A form submitted with GET reads its values from the query string.

    Source: a form that is submitted with GET is created from `request.args`.

    Usual cause: `SearchForm(request.form)`, which is empty, or Flask-WTF's form without
    `request.args`; and its token, which no link to the results has.
    """
    wtforms.host_only("a search is a page")
    route, field = wtforms.need("search"), wtforms.binding.search_field
    client, entry, other = wtforms.visitor(), wtforms.entry(), wtforms.entry()
    attempt = wtforms.submit(client, entry.values)
    expect(attempt.accepted, "valid data to be accepted", attempt)
    found, unknown = (
        wtforms.show(client, route, fields={field: each.mark}).count(each.mark)
        for each in (entry, other)
    )
    expect(
        found > unknown,
        f"{route.path}?{field}={entry.mark} to find what was stored",
        f"the page shows {entry.mark} {found} times, no more often than the page for "
        f"{other.mark}, which was never stored, shows that",
    )


@harden("the-forms", share=0.15)
@given(number=pick, sent=st.sampled_from(["right", "missing", "", "false"]))
@example(number=0, sent="missing")
@example(number=0, sent="false")
def test_bool_required(wtforms: Harness, number: int, sent: str) -> None:
    """A checkbox that must be ticked is rejected if its value is missing, empty or false.

    Source: goes beyond the chapter, whose BooleanField has DataRequired.

    Usual cause: `InputRequired` accepts any value, or the field has no validator at all.
    """
    page = wtforms.clean
    names = [
        name
        for name in wtforms.valid
        if page.kind(name) == "checkbox"
        and not page.offered(name)
        and any(breakage.at == (name,) for breakage in wtforms.breakages)
    ]
    if not names:
        raise Untested("the form has no checkbox that must be ticked")
    name = wtforms.choose(names, number=number)
    entry = wtforms.entry()
    value = {"right": wtforms.valid[name], "missing": []}.get(sent, [sent])
    attempt = wtforms.submit(wtforms.visitor(), entry.but({name: value}))
    if attempt.accepted == (sent == "right"):
        return
    contrast = ""
    if sent != "missing" and attempt.accepted:
        without = wtforms.submit(wtforms.visitor(), wtforms.entry().but({name: []}))
        contrast = f"; without {name} it is {'accepted too' if without.accepted else 'rejected'}"
    raise Deviation(
        (f"{name}={value[0]!r}" if value else f"a form without {name}")
        + f" to be {'accepted' if sent == 'right' else 'rejected'}",
        f"{attempt}{contrast}",
    )


@must("forms-in-templates", share=0.15)
@given(picked=picks)
def test_errors_listed(wtforms: Harness, picked: list[int]) -> None:
    """Every error is shown next to its field, and fields without errors show no error list.

    Source: the macro renders a field with its label, and a list of errors if there are any.

    Usual cause: the template shows no errors, or all of the form's errors at each field; or the
    macro lacks its `if`.
    """
    breakages = several(wtforms, picked)
    attempt = wtforms.submit(wtforms.visitor(), wtforms.entry().broken(*breakages))
    if attempt.accepted or attempt.response.is_redirect:
        raise Untested("invalid data is accepted: see post-invalid")
    if wtforms.turned_away(attempt, breakages):
        return
    for breakage in breakages:
        places = " or ".join(breakage.at)
        expect(
            any(wtforms.errors(attempt.response, name) for name in breakage.at),
            f"an error at {places} when {breakage.what}",
            f"no new text there, in {attempt.response}",
        )
    form, touched = wtforms.again(attempt.response), {n for b in breakages for n in b.touched}
    for name in set(form.controls if form else ()) & set(wtforms.valid) - touched:
        assert form is not None
        news = set(form.said_in(name)) - set(wtforms.without_error(name).said_in(name))
        expect(not news, f"no error at {name} when {described(breakages)}", sorted(news))
        own = form.own(name)
        lists = [each for each in own.walk() if each.tag in ("ul", "ol")] if own else []
        empty = [each for each in lists if not each.children or not each.raw.strip()]
        live = [each for each in empty if {"aria-live", "hidden", "role"} & set(each.attributes)]
        expect(
            len(empty) == len(live),
            f"no error list at {name}, which is valid",
            f"an empty <{(empty or lists)[0].tag}>" if empty else "",
        )


@harden("the-forms")
def test_repeat_required(wtforms: Harness) -> None:
    """A value that has to be repeated is rejected if the repetition is left out.

    Source: goes beyond the chapter, whose password is compared with its repetition.

    Usual cause: `Optional()` before `EqualTo`: with an empty repetition, nothing is compared.
    """
    pairs = {
        name: rule.equal
        for name, rule in wtforms.declared.items()
        if name in wtforms.valid and rule.equal in wtforms.valid
    }
    if not pairs:
        raise Untested.for_keys("wtforms", "rules", "form", hint=", with a field to be repeated")
    for name, other in pairs.items():
        for values in ([], [""]):
            attempt = wtforms.submit(wtforms.visitor(), wtforms.entry().but({name: values}))
            expect(
                not attempt.accepted,
                f"a form with {other} to be rejected when {name}, which has to equal it, "
                + ("is empty" if values else "is left out"),
                attempt,
                cause=f"an empty {name} is not compared with {other}",
            )


@must("forms-in-templates", share=0.3)
@given(number=pick, text=hostile, alone=st.booleans())
@example(number=0, text=f'"><{INTRUDER}>', alone=False)
@example(number=1, text=f"<{INTRUDER}>", alone=True)
@example(number=0, text=f"&lt;{INTRUDER}&gt;", alone=False)
@example(number=0, text=f"a {INTRUDER}=1", alone=False)
def test_escaped(wtforms: Harness, number: int, text: str, alone: bool) -> None:
    """Submitted values are escaped when shown again: they add no element and no attribute.

    Values, labels, errors and field attributes are text.

    Source: what WTForms renders is HTML-escaped, and `|safe` is for that alone.

    Usual cause: `|safe` on an error or a label, an attribute without quotes, or an error message
    that quotes the value as `Markup`.
    """
    names = [name for name in wtforms.valid if name not in wtforms.passwords]
    name = wtforms.choose(names, number=number)
    if name in wtforms.uniques:
        text = wtforms.entry().mark + text
    beside = wtforms.breakage_beside(name, *wtforms.linked(name))
    changes = {} if alone or beside is None else dict(beside.changes)
    client = wtforms.visitor()
    response = wtforms.submit(client, wtforms.entry().but({**changes, name: [text]})).response
    if response.is_redirect:
        response = client.follow(response)
    if response.mimetype != "text/html":
        expect(
            response.status < 500,
            f"a response without a server error for {name}={text!r}",
            response,
        )
        return
    form = FormPage(response, wtforms.valid)
    found = intruders(form.page)
    expect(
        not found,
        f"{text!r}, submitted as {name}, to be shown as text",
        f"it created {', '.join(found)}",
    )
    if form.is_there and form.kind(name) in ("text", "textarea", "search"):
        shown = "".join(form.values(name)).strip()
        expect(
            shown in ("", text.strip()) or not shows_again(wtforms, name, "Ab c.d-e, f!"),
            f"{name} to show {text!r} as submitted",
            f"it shows {shown!r}",
        )


def shows_again(wtforms: Harness, name: str, text: str) -> bool:
    """Check whether a field that is shown again keeps such a text; some fields clean it up."""
    beside = wtforms.breakage_beside(name, *wtforms.linked(name))
    changes = {} if beside is None else dict(beside.changes)
    values = wtforms.entry().but({**changes, name: [text]})
    form = FormPage(wtforms.submit(wtforms.visitor(), values).response, wtforms.valid)
    return not form.is_there or "".join(form.values(name)) == text


@harden("forms-in-templates", share=0.15)
@given(picked=picks)
def test_password_not_echoed(wtforms: Harness, picked: list[int]) -> None:
    """A submitted password is never sent back.

    Pages end up in histories and caches.

    Source: goes beyond the chapter: PasswordField itself does not render its value.

    Usual cause: `value=form.password.data` in the template, or `PasswordInput(hide_value=False)`.
    """
    secret = wtforms.passwords
    if not secret:
        raise Untested("the form has no password field")
    password = wtforms.entry().mark + wtforms.valid[secret[0]][0]
    values = wtforms.entry().broken(*several(wtforms, picked))
    values = {n: [password] if n in secret and v else v for n, v in values.items()}
    client = wtforms.visitor()
    first = wtforms.submit(client, values).response
    for response in (first, client.follow(first)):
        if password in response.text:
            raise Deviation(
                "no response with the password in it",
                f"{password!r} in {place_of(response, password)}, in the response "
                f"{response.status} to {response.request.target}",
            )


@harden("forms-in-templates")
def test_labelled(wtforms: Harness) -> None:
    """Every field has a label that refers to it.

    A click on the label focuses the field, and a screen reader announces it.

    Source: the macro renders a field with its label.

    Usual cause: the field's name is plain text next to it, the `id` is overridden in the template
    but not in the label, or two fields have the same `id`.
    """
    form = wtforms.clean
    for name, controls in form.controls.items():
        for control in controls:
            expect(
                form.label(control),
                f"a label for {name}",
                f"no label refers to id={control.attributes.get('id')!r}; "
                f"those of the form refer to {', '.join(map(repr, form.referred)) or 'nothing'}",
            )


@should("in-the-view")
def test_multiple_values(wtforms: Harness) -> None:
    """A field with several values keeps all of them, stored and in the form shown again.

    Source: a field's data is what the form made of all submitted values.

    Usual cause: `request.form[name]`, `request.form.get(name)` or `to_dict()`, which return only
    the first value.
    """
    names = [name for name, given in wtforms.valid.items() if len(given) > 1]
    if not names:
        raise Untested.for_keys("wtforms", "valid", hint=": no field has several values")
    beside = wtforms.breakage_beside(*names)
    if beside is not None:
        refused = wtforms.submit(wtforms.visitor(), wtforms.entry().broken(beside))
        shown = not wtforms.turned_away(refused, [beside])
        form = wtforms.again(refused.response) if shown else None
        for name in names if form else ():
            assert form is not None
            kept = sorted(form.values(name))
            expect(
                kept == sorted(wtforms.valid[name]),
                f"{name} to keep {sorted(wtforms.valid[name])}",
                f"it has {kept}",
            )
    before = wtforms.stored()
    wtforms.submit(wtforms.visitor(), wtforms.entry().values)
    after = wtforms.stored()
    for name in names:
        values = wtforms.valid[name]
        lost = [value for value in values if after.count(value) <= before.count(value)]
        # What shows none of them may not show the field at all.
        if len(lost) < len(values):
            expect(not lost, f"{values} of {name} to be stored", f"{lost} is not stored")


@harden("in-the-view", share=0.1)
@given(
    extra=st.dictionaries(
        st.sampled_from(["admin", "is_admin", "role", "id", "user_id", "balance", "created"]),
        st.sampled_from(["text", "number"]),
        min_size=1,
        max_size=4,
    )
)
def test_no_mass_assign(wtforms: Harness, extra: dict[str, str]) -> None:
    """Fields that are not part of the form change nothing in the stored data.

    Source: goes beyond the chapter, where values are read as `form.<NAME>.data`.

    Usual cause: `User(**request.form)`, or a loop that sets an attribute for each field of the
    request.
    """
    plain = wtforms.entry()
    wtforms.stored()
    wtforms.submit(wtforms.visitor(), plain.values)
    known = record_of(wtforms.stored(), plain.mark)
    sent = {name: "kqextra" if kind == "text" else "98765431" for name, kind in extra.items()}
    for name, value in known.items():
        sent[name] = "" if value is True else "1" if value is False else sent.get(name, "kqextra")
    own = {*wtforms.valid, *wtforms.clean.names}
    sent = {name: value for name, value in sent.items() if name not in own}
    before, entry = wtforms.stored(), wtforms.entry()
    added = {name: [value] for name, value in sent.items()}
    attempt = wtforms.submit(wtforms.visitor(), {**entry.values, **added})
    after = wtforms.stored()
    for value in ("kqextra", "98765431"):
        expect(
            after.count(value) == before.count(value),
            f"{sent}, which is not in the form, to change nothing",
            f"{value} is stored",
        )
    record = record_of(after, entry.mark)
    for name in set(record) & set(known) & set(sent):
        expect(
            not isinstance(known[name], bool) or record[name] == known[name],
            f"{name} to remain {known[name]} when {name}={sent[name]!r} is also sent",
            f"it is {record[name]}, {attempt.response}",
        )


def record_of(stored: str, mark: str) -> dict[str, Any]:
    """Return the innermost record with a mark if the stored data is JSON; else an empty one."""
    try:
        places = [json.loads(stored)]
    except ValueError:
        return {}
    found: dict[str, object] = {}
    while places:
        place = places.pop()
        if isinstance(place, dict) and any(mark in str(value) for value in place.values()):
            found = place
        if isinstance(place, dict | list):
            places += place.values() if isinstance(place, dict) else place
    return found


class Tokens(Machine):
    """Sessions and the hidden inputs of their forms; the model is whose inputs they are."""

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness)
        self.wtforms = harness
        self.visitors = [harness.visitor(), harness.visitor()]
        self.forms = [harness.open(visitor) for visitor in self.visitors]
        self.stale = [harness.open(harness.visitor()).hidden]

    @rule(who=who)
    def leave(self, who: int) -> None:
        """Start a new session: the inputs of the old one's form become invalid."""
        self.stale.append(self.forms[who].hidden)
        self.visitors[who] = self.wtforms.visitor()
        self.forms[who] = self.wtforms.open(self.visitors[who])

    @rule(who=who)
    def own(self, who: int) -> None:
        """Submit the form with its own inputs."""
        attempt = self.send(who, self.wtforms.open(self.visitors[who]).hidden)
        if not attempt.accepted and self.wtforms.taken_once:
            raise Broken.for_key(
                "wtforms",
                "valid",
                "it is accepted once and rejected the second time: list in unique each field "
                f"that must be new ({attempt})",
            )
        expect(attempt.accepted, "the form with its own token to be accepted", attempt)
        self.wtforms.taken_once = True

    @rule(who=who)
    def none(self, who: int) -> None:
        """Submit it from another site that has no token."""
        self.refused(who, {}, "without a token")

    @rule(who=who, text=st.sampled_from([None, ""]))
    def unvisited(self, who: int, text: str | None) -> None:
        """Submit it without a token, or with an empty one, in a session that never had one."""
        hidden = {} if text is None else dict.fromkeys(self.forms[who].hidden, text)
        values = self.wtforms.entry().values
        visitor, form = self.wtforms.visitor(), self.forms[who]
        attempt = self.wtforms.submit(visitor, values, form, hidden=hidden, headers=FOREIGN)
        self.need_effect(attempt, values)
        expect(
            not attempt.accepted and attempt.response.status < 500,
            "a form from another site to be rejected for a visitor who never opened the page",
            attempt,
            cause="the form's token is compared with the session's although neither exists."
            if attempt.accepted
            else "",
        )

    @rule(who=who)
    def invented(self, who: int) -> None:
        """Submit it from another site that made one up."""
        hidden = {name: value[::-1] or "x" for name, value in self.forms[who].hidden.items()}
        self.refused(who, hidden, "with an invented token")

    @rule(who=who)
    def foreign(self, who: int) -> None:
        """Submit it with the token of another visitor."""
        hidden = self.forms[1 - who].hidden
        self.refused(who, hidden, "with another session's token")

    @rule(who=who, number=pick)
    def old(self, who: int, number: int) -> None:
        """Submit it with the token of a session that has ended."""
        hidden = self.stale[number % len(self.stale)]
        self.refused(who, hidden, "with the token of an earlier session")

    def send(self, who: int, hidden: dict[str, str], headers: object = ()) -> Any:
        """Submit valid data with hidden inputs."""
        wtforms = self.wtforms
        values = wtforms.entry().values
        attempt = wtforms.submit(
            self.visitors[who], values, self.forms[who], hidden=hidden, headers=headers
        )
        self.need_effect(attempt, values)
        return attempt

    @staticmethod
    def need_effect(attempt: Any, values: Mapping[str, Sequence[str]]) -> None:
        """Raise `Untested` if all that comes of a form is a search for what was typed.

        Nobody gains anything from sending it for somebody else.
        """
        query = urlsplit(attempt.response.location or "").query
        found = {value for _, value in parse_qsl(query)}
        typed = {text for texts in values.values() for text in texts if len(text) > 2}
        if attempt.response.is_redirect and not attempt.effect and typed & found:
            raise Untested("the form changes nothing: it leads to a search for what was typed")

    def refused(self, who: int, hidden: dict[str, str], how: str) -> None:
        """Expect a submission to be rejected, by showing the page again or with any error."""
        attempt = self.send(who, hidden, FOREIGN)
        expect(
            not attempt.accepted and attempt.response.status < 500,
            f"a form from another site {how if hidden else 'without a token'} to be rejected",
            f"{attempt}; the hidden inputs of the page's form: "
            f"{', '.join(self.forms[who].hidden) or 'none'}",
        )


@harden("", share=0.15)
def test_csrf(wtforms: Harness) -> None:
    """A form submitted from another site is rejected, since it lacks this session's token.

    It may be rejected with an error, or by showing the page again.

    Source: goes beyond the chapter, which refers to Flask-WTF.

    Usual cause: no Flask-WTF and no token, a form that omits `csrf_token`, or a token that is the
    same for everybody.
    """
    hidden = wtforms.clean.hidden.values()
    # An inner state of the form, such as a number, is no token.
    if wtforms.kind == "component" and not any(len(value) >= 16 for value in hidden):
        raise Untested("the form class has no token; the page's form may have one")
    fixed = Tokens(wtforms)
    # First with a token: otherwise its absence would show nothing.
    fixed.own(0)
    fixed.none(0)
    fixed.unvisited(0, None)
    explore(lambda: Tokens(wtforms), steps=6)


@harden("in-the-view")
def test_near_duplicate(wtforms: Harness) -> None:
    """A near-duplicate of a unique value causes no server error, and the original is kept.

    It differs in letter case, surrounding spaces or Unicode normal form. A database may treat it
    as equal when the form does not.

    Source: goes beyond the chapter; it protects visitors from a server error for a value that is
    nearly taken.

    Usual cause: the validator compares differently from the unique constraint, whose error
    nothing catches.
    """
    wtforms.host_only("a form class stores nothing")
    unique = next(iter(wtforms.uniques), None) or wtforms.need("unique")
    names = (unique, *wtforms.linked(unique))
    for end in ("é", ""):
        entry = wtforms.entry()
        value = entry.values[unique][0]
        value = value[: len(value) - len(end)] + end
        first = wtforms.submit(wtforms.visitor(), entry.but({key: [value] for key in names}))
        if first.accepted:
            break
    expect(first.accepted, f"{unique}={value!r} to be accepted", first)
    shown = unique == wtforms.marked and value in (wtforms.look() or "")
    for how, change in ALIKE.items():
        near = change(value)
        if near == value:
            continue
        again = wtforms.entry().but({key: [near] for key in names})
        attempt = wtforms.submit(wtforms.visitor(), again)
        expect(
            attempt.response.status < 500,
            f"{near!r}, a taken value {how}, to be accepted or rejected",
            attempt,
        )
        expect(
            not shown or value in wtforms.stored(),
            f"{value!r} to still be stored after {near!r}",
            "it is gone",
        )


@harden("in-the-view")
def test_taken_said(wtforms: Harness) -> None:
    """A form that is shown again because a value is taken says so, and says it only then.

    Where and in which words does not matter.

    Source: goes beyond the chapter, whose macro lists the errors of the form's own rules; it
    protects visitors from a form that returns without a reason.

    Usual cause: the view learns from the database that the value is taken and renders the form,
    but adds no error to the field; or it renders the form after it has stored the data.
    """
    wtforms.host_only("a form class stores nothing")
    wtforms.need("unique")
    refused = 0
    for unique in wtforms.uniques:
        client, first, later = wtforms.visitor(), wtforms.entry(), wtforms.entry()
        stored = wtforms.submit(client, first.values)
        taken = dict.fromkeys((unique, *wtforms.linked(unique)), first.values[unique])
        form = wtforms.open(client)
        request = wtforms.request(form, later.but(taken))
        refused += tells(wtforms, client, form, request, unique, first.values[unique][0], stored)
        if wtforms.binding.edit is None:
            continue
        form = wtforms.open(client, page=wtforms.editing(client))
        own = {name: form.values(name) for name in form.controls if form.kind(name) != "file"}
        if unique in own and own[unique] != first.values[unique]:
            stored = wtforms.attempt(client, wtforms.request(form, own, scripted=False))
            request = wtforms.request(form, {**own, **taken}, scripted=False)
            refused += tells(
                wtforms, client, form, request, unique, first.values[unique][0], stored
            )
    if not refused:
        raise Untested("no form is shown again for a value that is taken")


def tells(
    wtforms: Harness,
    client: Client,
    form: FormPage,
    request: Request,
    unique: str,
    value: str,
    stored: Attempt,
) -> bool:
    """Expect a form that is shown again to say more than before; return whether it is shown.

    What it says at the field, the response to a value that was free does not say there.
    """
    before = (wtforms.look() or "").count(value)
    attempt = wtforms.attempt(client, request)
    after = (wtforms.look() or "").count(value)
    expect(
        before != 1 or after == 1,
        f"{value!r} to be stored once after a second record was to have it",
        f"it is stored {after} times, after {attempt.response}",
    )
    if attempt.accepted or not shows_form(wtforms, attempt.response):
        return False
    again = FormPage(attempt.response, wtforms.valid)
    expect(
        said(again) - said(form),
        f"the page to say that the {unique} is taken",
        f"it says nothing that the form did not say before: {attempt.response}",
    )
    if stored.response.status < 400 and shows_form(wtforms, stored.response):
        clean = set(form.said_near(unique))
        told = set(FormPage(stored.response, wtforms.valid).said_near(unique)) - clean
        both = sorted(told & set(again.said_near(unique)))
        expect(
            not both,
            f"a response to a {unique} that was free, unlike that to one that is taken",
            f"both show the form with {both} at {unique}",
        )
    return True


def shows_form(wtforms: Harness, response: Response) -> bool:
    """Check whether a response is a page with the form."""
    is_page = response.mimetype == "text/html" and not response.is_redirect
    return is_page and FormPage(response, wtforms.valid).is_there


def said(form: FormPage) -> set[str]:
    """Return the texts of a page and of its attributes, except for what its fields contain."""
    content = {"value", "checked", "selected"}
    found = set()
    for each in form.page.root.walk():
        found |= {f"{key}={each.attributes[key]}" for key in each.attributes.keys() - content}
        if each.tag != "textarea":
            found |= {normal(child) for child in each.children if isinstance(child, str)}
    return found


@harden("in-the-view")
def test_edit_stored(wtforms: Harness) -> None:
    """An edit form stores what it accepts in the record that it shows, in place of the old value.

    Source: goes beyond the chapter, whose form only creates records.

    Usual cause: the view adds a record instead of changing the one there is, or changes it and
    does not commit.
    """
    wtforms.host_only("a form class edits no record")
    wtforms.need("edit")
    client = wtforms.visitor()
    form = wtforms.open(client, page=wtforms.editing(client))
    field = next(iter(wtforms.uniques), wtforms.marked)
    own = {name: form.values(name) for name in form.controls if form.kind(name) != "file"}
    old, new = "".join(own.get(field, [])), wtforms.entry().values[field][0]
    before = wtforms.stored()
    if not old or before.count(old) != 1:
        raise Untested(f"the stored data does not show the {field} of the record once")
    attempt = wtforms.attempt(client, wtforms.request(form, {**own, field: [new]}, scripted=False))
    if not attempt.accepted:
        raise Untested(f"the form at {form.target} rejects another {field}: {attempt}")
    after = wtforms.stored()
    expect(
        (after.count(new), after.count(old)) == (1, 0),
        f"{field}={new!r} to be stored once, in place of {old!r}",
        f"{new!r} is stored {after.count(new)} times, and {old!r} {after.count(old)} times",
    )


@harden("in-the-view")
def test_edit_own(wtforms: Harness) -> None:
    """An edit form accepts the record's own values, even those that must be unique.

    Editing one field submits all the others unchanged.

    Source: goes beyond the chapter, whose form only creates records.

    Usual cause: the validator looks for a record with the value and finds the one being edited.
    """
    wtforms.host_only("a form class edits no record")
    wtforms.need("edit")
    client = wtforms.visitor()
    page = wtforms.editing(client)
    form = wtforms.open(client, page=page)
    own = {name: form.values(name) for name in form.controls if form.kind(name) != "file"}
    refusal = edit(wtforms, client, form, own)
    if not refusal:
        return
    names = [name for name in wtforms.uniques or (wtforms.marked,) if name in own]
    form, entry = wtforms.open(client, page=page), wtforms.entry()
    other = edit(wtforms, client, form, {**own, **{name: entry.values[name] for name in names}})
    if other:
        raise Untested(f"the form at {page.path} rejects its own values, and others too: {other}")
    expect(
        False,
        f"the record's own values to be accepted unchanged: {own}",
        f"{refusal}; with another {' and '.join(names)} they are accepted",
    )


@must("in-the-view")
def test_edit_invalid(wtforms: Harness) -> None:
    """An edit that is rejected leaves the record as it is.

    Source: the view validates first, and makes use of the data only if it is valid.

    Usual cause: `populate_obj` before `validate`; what it changes is stored at the end of the
    request.
    """
    wtforms.host_only("a form class edits no record")
    wtforms.need("edit")
    if wtforms.look() is None:
        raise Untested.for_keys("wtforms", "effects", "records")
    client = wtforms.visitor()
    page = wtforms.editing(client)
    for breakage in wtforms.breakages[:EDITS]:
        form = wtforms.open(client, page=page)
        if not breakage.touched <= set(form.controls):
            continue
        values = {name: form.values(name) for name in form.controls if form.kind(name) != "file"}
        # A page need not show the field that is wrong: it shows this one.
        if wtforms.marked in values:
            values[wtforms.marked] = wtforms.entry().values[wtforms.marked]
        request = wtforms.request(form, {**values, **breakage.changes}, scripted=False)
        attempt = wtforms.attempt(client, request)
        expect(
            not attempt.accepted or wtforms.looks_accepted(attempt.response),
            f"the record to stay as it is when the edit is rejected, as {breakage.what}",
            f"the stored data changed, although the response is {attempt.response}",
            cause="the record is changed before the data is validated",
        )


def edit(wtforms: Harness, client: Client, form: FormPage, values: dict[str, list[str]]) -> str:
    """Submit a record's form; return how it is rejected, or an empty string."""
    attempt = wtforms.attempt(client, wtforms.request(form, values, scripted=False))
    response = attempt.response
    if response.status >= 500 or response.status in (404, 405):
        raise Deviation(f"{form.target} to take the form that it is the target of", str(response))
    if response.status >= 400:
        return str(response)
    again = wtforms.again(response) if FormPage(response, wtforms.valid).is_there else None
    said = {
        name: texts
        for name in (form.controls if again else ())
        if again and (texts := sorted(set(again.said_near(name)) - set(form.said_near(name))))
    }
    return f"rejected with {said}" if said else ""


@harden("the-forms")
def test_choices_fresh(wtforms: Harness) -> None:
    """A choice added after the application started is offered and accepted.

    Source: goes beyond the chapter; it protects visitors from outdated choices.

    Usual cause: the choices are read in the class body, which runs once, when the module is
    imported: pass a function as `choices`, or set them for each form.
    """
    wtforms.host_only("a form class has no request that adds a choice")
    route = wtforms.need("add_choice")
    name, client, entry = wtforms.choosing, wtforms.visitor(), wtforms.entry()
    wtforms.open(client)
    added = wtforms.send(client, route, fields={wtforms.binding.add_choice_field: entry.mark})
    if added.status >= 400:
        raise Broken.for_key("wtforms", "add_choice", f"it returns {added}")
    form = wtforms.open(client)
    offered = form.options(name)
    added_ones = (each for each, text in offered.items() if entry.mark in each + text)
    value = next(added_ones, None)
    expect(
        value is not None,
        f"{name} to offer {entry.mark!r}, added by {route.method} {route.path}",
        f"it offers {', '.join(offered.values())}",
    )
    attempt = wtforms.submit(client, entry.but({name: [str(value)]}), form)
    expect(attempt.accepted, f"{name}={value!r}, which the page offers, to be accepted", attempt)


@harden("in-the-view")
def test_duplicate_race(wtforms: Harness) -> None:
    """Of concurrent submissions of the same unique value, one succeeds.

    The others get the form with an error, or are rejected.

    Source: goes beyond the chapter; it protects visitors from a server error when another visitor
    is quicker.

    Usual cause: a validator checks whether the value exists, followed by an insert that fails or
    stores it twice. Rely on the unique constraint and catch its error.
    """
    wtforms.host_only("a form class stores nothing")
    wtforms.need("unique")
    alone = wtforms.entry()
    if wtforms.submit(wtforms.visitor(), alone.values).accepted:
        wtforms.shows_once(alone)
    for hold in (None, *range(1, 13)):
        wtforms.begin_example()
        _race(wtforms, 2 if hold else 3, hold)


def _race(wtforms: Harness, count: int, hold: int | None) -> None:
    entry = wtforms.entry()
    visitors = [wtforms.visitor() for _ in range(count)]
    requests = [wtforms.request(wtforms.open(client), entry.values) for client in visitors]

    def sending(client: Client, request: Request) -> Any:
        return lambda: client.send(request)

    pairs = zip(visitors, requests, strict=True)
    answers: list[Response] = together(*[sending(*pair) for pair in pairs], hold=hold)
    late = wtforms.visitor()
    refusal = late.send(wtforms.request(wtforms.open(late), entry.values))
    said = ", ".join(str(answer.status) for answer in answers)
    said += f"; a submission after them got {refusal.status}"
    expect(
        all(answer.status < 500 for answer in (*answers, refusal)),
        f"{count} equal concurrent submissions, and a late one, without a server error",
        said,
    )
    # A success differs from the response to the late one, which may be a redirect too.
    wins = [a for a in answers if (a.status, a.location) != (refusal.status, refusal.location)]
    expect(
        len(wins) <= 1,
        f"one of {count} equal concurrent submissions to succeed",
        f"{len(wins)} did: {said}",
    )
    times = wtforms.stored().count(entry.mark)
    expect(times == 1, "the submission to be stored once", f"it is stored {times} times")


@harden("in-the-view", share=0.3)
@given(
    pairs=st.lists(st.tuples(pick, any_text), max_size=6),
    raw=st.none() | raw_bodies,
    upload=st.booleans(),
)
@example(pairs=[(0, "a\0b"), (0, "second")], raw=None, upload=False)
@example(pairs=[], raw=None, upload=True)
@example(pairs=[], raw=("application/json", b"[]"), upload=False)
@example(pairs=[], raw=("application/json", b"null"), upload=False)
@example(pairs=[], raw=("application/x-www-form-urlencoded", b"%ff=%fe"), upload=False)
@example(pairs=[(0, "x" * 300_000)], raw=None, upload=False)
def test_no_5xx(
    wtforms: Harness,
    pairs: list[tuple[int, str]],
    raw: tuple[str, bytes] | None,
    upload: bool,
) -> None:
    """No body causes a server error: missing, repeated, long or binary values, or other types.

    Source: goes beyond the chapter; RFC 9110, 15.6: a 5xx means that the server erred.

    Usual cause: `request.form["name"]` on unvalidated data, a column shorter than the form
    allows, or Flask-WTF's form without an argument, which treats a file as text and any JSON as
    an object: pass it `request.form`.
    """
    names = list(wtforms.valid)
    values: dict[str, list[str]] = {}
    for number, text in pairs:
        values.setdefault(names[number % len(names)], []).append(text)
    if not pairs and raw is None:
        values = wtforms.entry().values
    client = wtforms.visitor()
    parts: dict[str, Any] = {}
    if raw is not None:
        parts = {"form": None, "data": raw[1], "content_type": raw[0] or None}
    elif upload:
        name = names[len(pairs) % len(names)]
        values.pop(name, None)
        parts = {"files": {name: Upload("a.bin", b"\0\xff")}}
    response = client.send(wtforms.request(wtforms.open(client), values, **parts))
    if raw is not None:
        what = f"a body {raw[1]!r:.40} of the type {raw[0]!r}"
    elif upload:
        what = f"a form with a file uploaded as {name}"
    else:
        what = ", ".join(f"{each}={given!r:.40}" for each, given in values.items())
    expect(response.status < 500, f"a response without a server error to {what}", response)


@harden("in-the-view", share=0.2)
@given(
    target=st.sampled_from(
        [
            "https://evil.example/",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "https:evil.example",
            "\thttps://evil.example",
            "/\t/evil.example",
            "javascript:alert(1)",
        ]
    ),
    name=st.sampled_from(["next", "url", "redirect", "return_to", "target"]),
    referred=st.booleans(),
)
@example(target="https://evil.example/", name="next", referred=True)
@example(target="/\\evil.example", name="next", referred=False)
def test_redirect_safe(wtforms: Harness, target: str, name: str, referred: bool) -> None:
    """After an accepted form, the browser stays on the site, whatever the request contains.

    Source: goes beyond the chapter, which redirects to a URL from `url_for`.

    Usual cause: `redirect(request.args["next"])` or `redirect(request.referrer)`.
    """
    wtforms.host_only("a form class does not redirect")
    client = wtforms.visitor()
    form = wtforms.open(client, {name: target})
    hidden = {**form.hidden, name: target}
    headers = (("Referer", "https://evil.example/"),) if referred else ()
    query = {name: target} if name not in form.target else None
    entry = wtforms.entry()
    attempt = wtforms.submit(
        client, entry.values, form, hidden=hidden, query=query, headers=headers
    )
    if not attempt.response.is_redirect:
        expect(attempt.response.status < 500, "no server error", attempt.response)
        return
    own = f"http://{client.host}"
    goes = whatwg.origin(attempt.response.location or "", own)
    expect(
        goes in (own, None),
        "the browser to stay on the site",
        f"Location: {attempt.response.location}, which leads to {goes}",
    )


@should("forms-in-templates")
def test_browser(wtforms: Harness) -> None:
    """In a browser, the form submits as filled in, and no script from a submitted value runs.

    Source: the form is rendered for a browser, which submits it.

    Usual cause: a button that does not submit, a rule in the page that valid data violates, or a
    script that inserts errors with `innerHTML`.
    """
    visitor, entry = wtforms.visitor(), wtforms.entry()
    # The first runs if text becomes markup, the second also if it breaks out of an attribute.
    attack = '<img src=x onerror=alert({0})>"><svg onload=alert({0})>'
    with wtforms.tab() as tab:
        tab.take_cookies(visitor)
        fill_in(wtforms, tab, entry.values)
        valid = tab.evaluate("form => form.checkValidity()", tab.form_with(wtforms.clean.controls))
        expect(valid, "the browser to accept the valid data", "a value violates a rule of the page")
        before = wtforms.look()
        answer, _ = send_in(wtforms, tab)
        expect(answer < 400, "the browser's form to be accepted", f"the response is {answer}")
        expect(
            before is None or entry.mark in wtforms.stored(),
            f"{entry.values[wtforms.marked]} to be stored from the browser",
            f"it is not stored, although the response was {answer}",
        )
        names = [
            n for n in wtforms.valid if wtforms.clean.is_text(n) and n not in wtforms.passwords
        ]
        attacks = {n: [attack.format(number) * 10] for number, n in enumerate(names)}
        fill_in(wtforms, tab, {**wtforms.entry().values, **attacks})
        _, text = send_in(wtforms, tab)
    ran = [names[number] for number in range(len(names)) if str(number) in tab.dialogs]
    sent = next((n for n in ran if attacks[n][0][:20] in text), None)
    expect(
        not tab.dialogs,
        "no script in a value to run",
        f"that of {', '.join(ran)} did, which was {attacks[ran[0]][0][:60]}..."
        if ran
        else f"dialogs opened: {tab.dialogs[:3]}",
        cause=""
        if not text or not ran
        else f"the server's response has the value of {sent} as markup"
        if sent
        else "the server's response has it escaped: a script of the page writes it as markup",
    )


def fill_in(wtforms: Harness, tab: Any, values: dict[str, list[str]]) -> None:
    """Open the page in the browser and fill in its form, regardless of the page's rules."""
    tab.open(wtforms.page.path)
    wanted = {name: values.get(name, []) for name in wtforms.clean.controls}
    tab.evaluate(
        """([form, wanted]) => {
            for (const [name, values] of Object.entries(wanted)) {
                for (const control of form.querySelectorAll(`[name="${name}"]`)) {
                    if (control.type === "checkbox" || control.type === "radio") {
                        control.checked = values.includes(control.value)
                            || (control.type === "checkbox" && values.length === 1);
                    } else if (control.multiple) {
                        for (const option of control.options) {
                            option.selected = values.includes(option.value);
                        }
                    } else if (control.type !== "file") {
                        control.value = values[0] ?? "";
                    }
                    control.dispatchEvent(new Event("input", {bubbles: true}));
                    control.dispatchEvent(new Event("change", {bubbles: true}));
                }
            }
        }""",
        [tab.form_with(wanted), wanted],
    )


def send_in(wtforms: Harness, tab: Any) -> tuple[int, str]:
    """Click the button of the browser's form and return the status and text of the response.

    Raise `Deviation` if nothing is sent.
    """
    from playwright.sync_api import Error as PlaywrightError
    from playwright.sync_api import TimeoutError as TooLate

    form, place, opened = tab.form_with(wtforms.clean.controls), tab.path, len(tab.requests)
    buttons = 'e => ["submit", "image"].includes(e.type)'
    count = tab.evaluate(f"form => [...form.elements].filter({buttons}).length", form)
    expect(count > 0, "a button that submits the form", "the form has none")
    try:
        with tab.page.expect_response(lambda answer: answer.request.method == "POST") as answered:
            # After this call, since the page that it runs in goes away.
            tab.evaluate(
                f"""form => {{
                    window.conformanceBefore = form.noValidate = true;
                    setTimeout(() => [...form.elements].find({buttons}).click());
                }}""",
                form,
            )
    except TooLate:
        raise Deviation(
            f"the form at {place} to send a POST when its button is clicked",
            f"it did not; requests: {', '.join(tab.requests[opened:]) or 'none'}; "
            f"errors: {'; '.join(tab.errors) or 'none'}",
        ) from None
    if answered.value.request.is_navigation_request():
        tab.wait_for("() => !window.conformanceBefore && document.readyState === 'complete'")
    # A script may validate the data first, or show once more what was entered.
    tab.page.wait_for_load_state("networkidle")
    text = ""
    if not 300 <= answered.value.status < 400:
        # The browser may have dropped it when the page changed.
        with contextlib.suppress(PlaywrightError):
            text = answered.value.text()
    return int(answered.value.status), text
