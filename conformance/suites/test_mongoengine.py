"""The clauses of MongoDB with MongoEngine."""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, invariant, rule

from conformance.clause import example, expect, explore, given, harden, must, should, together
from conformance.core.errors import Broken, Deviation, Untested
from conformance.instruments.strategies import Machine, lines
from conformance.patterns.mongoengine import (
    UNREACHABLE,
    DocumentComponent,
    MongoEngineHarness,
    MongoEngineRoutes,
)

Harness = MongoEngineHarness

texts = lines(20).map(str.strip).filter(bool)
# The range suits a year, a page count or a number of days: a field may have limits.
numbers = st.integers(1900, 2100)
words = st.lists(lines(8).map(str.strip).filter(bool), max_size=4, unique=True)


def is_alike(found: object, value: object) -> bool:
    """Check whether a value equals another one, or is what the other one's text stands for."""
    if isinstance(value, dict) and isinstance(found, Mapping):
        return all(is_alike(found.get(name), each) for name, each in value.items())
    if isinstance(value, list) and isinstance(found, list) and len(found) == len(value):
        return all(map(is_alike, found, value))
    if found == value or str(found) == str(value):
        return True
    if isinstance(found, datetime.date):
        return found.isoformat().startswith(str(value))
    try:
        return Decimal(str(found)) == Decimal(str(value))
    except InvalidOperation:
        return False


@must("creating-data", share=0.5)
@given(text=texts, number=numbers, word_list=words)
@example(text="Back To The Future", number=1985, word_list=["Michael J. Fox"])
def test_roundtrip(mongoengine: Harness, text: str, number: int, word_list: list[str]) -> None:
    """A saved document is read back with the same values, including its embedded document.

    Source: Creating Data: instantiate the document with its fields, including the embedded
    document, then save it.

    Usual cause: the class does not declare a field, or the view does not pass it on.
    """
    binding = mongoengine.binding
    data = mongoengine.data(text, number, word_list)
    if binding.nested is not None:
        data[binding.nested] = dict(binding.nested_values)
    answer = mongoengine.create(data)
    expect(answer.status < 300, f"{data} to be stored", answer)
    shown = answer.documents[0] if len(answer.documents) == 1 else {}
    found = mongoengine.stored()
    expect(len(found) == 1, "one document", f"{len(found)}")
    own = {binding.text, mongoengine.field_of("number"), mongoengine.field_of("words")}
    for name, value in data.items():
        kept = found[0].get(name)
        # A price or a date sent as a string may come back as the value that the string stands
        # for.
        same = kept == value if name in own else is_alike(kept, value)
        expect(
            same,
            f"{name} to be {value!r}",
            repr(kept),
            cause=f"the response that stored the document has {name} as {kept!r} already."
            if shown.get(name, value) == kept
            else "",
        )


@must("mapping-documents", share=0.3)
@given(number=numbers, empty=st.sampled_from(["left out", "null"]))
def test_required(mongoengine: Harness, number: int, empty: str) -> None:
    """A document without a required field is rejected and nothing is stored.

    Source: Mapping Documents: the title is declared with `required=True`.

    Usual cause: `required=True` is missing, or the view saves without validation.
    """
    data = mongoengine.data("text", number)
    if empty == "left out":
        del data[mongoengine.binding.text]
    else:
        data[mongoengine.binding.text] = None
    answer = mongoengine.create(data)
    name = mongoengine.binding.text
    expect(
        400 <= answer.status < 500,
        f"{mongoengine.rejection} for {data}, without a {name}, which is required",
        answer,
    )
    count = len(mongoengine.stored())
    expect(count == 0, "nothing to be stored", f"{count} documents")


@must("mapping-documents", share=0.2)
@given(value=st.sampled_from([None, {"$ne": None}, ["abc"], {}]))
def test_update_checked(mongoengine: Harness, value: Any) -> None:
    """An update that sets a required field to an invalid value is rejected and changes nothing.

    Source: Mapping Documents: the document's fields are declared with their types, the title with
    `required=True`; this applies to every save.

    Usual cause: `update_one(set__title=...)` or `save(validate=False)`, neither of which
    validates.
    """
    app = MongoEngineRoutes.of(mongoengine)
    app.need("update")
    name = app.binding.text
    key = str(app.create(app.data("before")).document["id"])
    answer = app.change(key, {name: value})
    expect(answer.status < 500, f"no server error for { ({name: value}) }", answer)
    kept = app.read(key).document.get(name)
    expect(
        kept == "before",
        f"a 4xx for { ({name: value}) }, and {name} to still be 'before'",
        f"{answer.status}, and {name} is {kept!r} afterwards",
    )


structures = st.recursive(
    st.none() | st.booleans() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=4,
).filter(lambda value: isinstance(value, (list, dict)))


@must("mapping-documents", share=0.3)
@given(value=structures, in_text_field=st.booleans())
@example(value={"$ne": None}, in_text_field=True)
@example(value=["abc"], in_text_field=False)
@example(value={}, in_text_field=False)
def test_types(mongoengine: Harness, value: object, in_text_field: bool) -> None:
    """A value of the wrong type is rejected and nothing is stored.

    Source: Mapping Documents: declare each field with its type.

    Usual cause: a `DynamicField`, or a view that handles the validation error of one field only.
    """
    data = mongoengine.data("text", 1)
    name = mongoengine.binding.text if in_text_field else mongoengine.field("number")
    data[name] = value
    answer = mongoengine.create(data)
    kind = "a string" if in_text_field else "an integer"
    expect(
        400 <= answer.status < 500,
        f"{mongoengine.rejection} for {name}={value!r}, as {name} is {kind}",
        answer,
    )
    count = len(mongoengine.stored())
    expect(count == 0, "nothing to be stored", f"{count} documents")


@must("queries", share=0.3)
@given(key=st.text("0123456789abcdef", min_size=24, max_size=24))
def test_404(mongoengine: Harness, key: str) -> None:
    """A request for a document that does not exist returns 404.

    Source: Queries: `get_or_404()`.

    Usual cause: the view calls `.get()`, which raises `DoesNotExist`, or `.first()`, which
    returns None.
    """
    mongoengine.create(mongoengine.data("another"))
    answer = mongoengine.read(key)
    expect(answer.status == 404, f"404 for the id {key}", answer)


@should("queries", share=0.3)
# A router may merge slashes, which would lead to another page.
@given(key=texts.filter(lambda text: text.strip(".") and "/" not in text))
@example(key="1")
@example(key="z" * 24)
@example(key="{}")
def test_bad_id_404(mongoengine: Harness, key: str) -> None:
    """A malformed id returns 404 or 400.

    Source: RFC 9110 section 15.5: a client's mistake is a 4xx; and Queries: `get_or_404()`.

    Usual cause: a malformed id raises `ValidationError` rather than `DoesNotExist`.
    """
    app = MongoEngineRoutes.of(mongoengine)
    answer = app.read(key)
    if answer.status in (400, 404):
        return
    other = "0" * 24
    known = app.read(other).status == 404
    raise Deviation(
        f"404 or 400 for the id {key!r}, which has not the form of an id",
        str(answer),
        f"an id that has the form but no document, {other}, returns 404." if known else "",
    )


class Documents(Machine):
    """Stores, deletes and queries documents; the model is a list."""

    documents: Bundle[tuple[str, str, int, tuple[str, ...]]] = Bundle("documents")

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness)
        self.mongo = harness
        self.model: list[tuple[str, str, int, tuple[str, ...]]] = []

    @rule(
        target=documents,
        text=st.sampled_from(["alpha", "beta", "Alpha"]),
        number=st.integers(1980, 1990),
        drawn=st.lists(st.sampled_from(["ann", "bob", "cy"]), max_size=2, unique=True),
    )
    def store(self, text: str, number: int, drawn: list[str]) -> Any:
        """Store a document."""
        answer = self.mongo.create(self.mongo.data(text, number, drawn))
        document = str(answer.document["id"]), text, number, tuple(drawn)
        self.model.append(document)
        return document

    @rule(document=consumes(documents))
    def delete(self, document: tuple[str, str, int, tuple[str, ...]]) -> None:
        """Delete a document, if `delete` is bound."""
        try:
            answer = self.mongo.remove(document[0])
        except Untested:
            return
        expect(answer.status < 300, f"the document {document[1:]} to be deleted", answer)
        self.model.remove(document)

    @rule(document=documents, beside=st.sampled_from([0, 0, 1, -1]))
    def ask_number(self, document: tuple[str, str, int, tuple[str, ...]], beside: int) -> None:
        """Query for numbers from a document's number, or one next to it, upwards."""
        name = self.mongo.field_of("number")
        if name is not None:
            since = document[2] + beside
            wanted = [each for each in self.model if each[2] >= since]
            self._same(wanted, {f"{name}__gte": since})

    @rule(asked=st.lists(st.sampled_from(["ann", "bob", "cy"]), min_size=1, max_size=2))
    def ask_words(self, asked: list[str]) -> None:
        """Query for documents with any of some words."""
        name = self.mongo.field_of("words")
        if isinstance(self.mongo, MongoEngineRoutes):
            # A page's filter may accept only one at a time.
            asked = asked[:1]
        if name is not None:
            wanted = [each for each in self.model if set(each[3]) & set(asked)]
            self._same(wanted, {f"{name}__in": asked})

    @rule(text=st.sampled_from(["alpha", "beta", "alph", "A"]))
    def ask_text(self, text: str) -> None:
        """Query for an exact string."""
        wanted = [each for each in self.model if each[1] == text]
        self._same(wanted, {self.mongo.binding.text: text})

    @invariant()
    def all_are_there(self) -> None:
        """The stored documents are those of the model."""
        found = sorted(str(each["id"]) for each in self.mongo.stored())
        wanted = sorted(each[0] for each in self.model)
        expect(found == wanted, f"{len(wanted)} documents", f"{len(found)}")

    def _same(self, wanted: list[Any], asked: dict[str, Any]) -> None:
        try:
            answer = self.mongo.find(**asked)
        except Untested:
            return
        found = sorted(str(each["id"]) for each in answer.documents)
        expect(
            found == sorted(each[0] for each in wanted),
            f"{len(wanted)} of {len(self.model)} documents for {asked}: "
            f"{[each[1:] for each in wanted]}",
            f"{len(found)}: {[each[1:] for each in self.model if each[0] in found]}",
        )


@must("queries", share=0.15)
def test_query_ops(mongoengine: Harness) -> None:
    """Queries by equality, membership and lower bound return exactly the matching documents.

    Source: Queries: a keyword argument matches fields equal to the value, `actors__in` any value
    of a list, `year__gte=2017` 2017 and later.

    Usual cause: a filter uses the wrong operator (`gt` instead of `gte`), or replaces the
    previous filter instead of narrowing it.
    """
    fixed = Documents(mongoengine)
    stored = [fixed.store("alpha", number, ["ann"]) for number in (1984, 1985, 1986)]
    for beside in (0, 1, -1):
        fixed.ask_number(stored[1], beside)
    fixed.ask_words(["ann"])
    fixed.ask_text("alpha")
    explore(partial(Documents, mongoengine), steps=12)


hostile = st.sampled_from(
    ['{"$ne": null}', '{"$gt": ""}', "$where", '{"$regex": ".*"}', "[$ne]", "true", "null"]
)


@harden("queries")
@given(text=hostile, operator=st.sampled_from(["$ne", "$gt", "$regex", "$exists"]))
@example(text='{"$ne": null}', operator="$ne")
def test_no_operator_injection(mongoengine: Harness, text: str, operator: str) -> None:
    """Input that looks like an operator is treated as text or rejected; it never matches more.

    Source: beyond the chapter; it protects against operator injection into queries.

    Usual cause: the client's JSON, or `title[$ne]=`, becomes part of a raw query.
    """
    app = MongoEngineRoutes.of(mongoengine)
    for stored in ("alpha", "beta"):
        app.create(app.data(stored))
    name = app.binding.filters.get(app.binding.text)
    if app.binding.search is not None:
        finds = app.search_json(**{app.search_field: "alpha"})
        texts = [each.get(app.binding.text) for each in finds.documents]
        if texts != ["alpha"]:
            raise Broken.for_key(app.slug, "search", f"a search for 'alpha' finds {texts}: {finds}")
        operand = {"$exists": True, "$ne": None, "$regex": ".*"}.get(operator, "")
        for value in ({operator: operand}, {"$in": ["alpha", "beta"]}, text):
            answer = app.search_json(**{app.search_field: value})
            texts = [each.get(app.binding.text) for each in answer.documents]
            expect(
                answer.status < 500 and not texts,
                f"no results, or a 4xx, for {app.search_field}={value!r} in JSON",
                f"{answer.status} with {texts}",
                cause="a value from the client's JSON goes into the query as it is, even an object."
                if texts and isinstance(value, dict)
                else "",
            )
    elif name is None:
        raise Untested(f"needs {app.binding.text} in patterns.{app.slug}.filters, or search")
    if name is None:
        return
    for pairs in ([(name, text)], [(name, "alpha"), (f"{name}[{operator}]", "")]):
        answer = app.search(pairs)
        found = [each.get(app.binding.text) for each in answer.documents]
        wanted = ["alpha"] if len(pairs) == 2 else []
        expect(
            answer.status < 500 and (found == wanted or answer.status >= 400),
            f"{wanted} for the query {pairs}",
            f"{answer.status} with {found}",
        )


@harden("queries")
@given(
    suffix=st.sampled_from(["__ne", "__gt", "__exists", "__nin", "__regex", "__not__exists", ""]),
    field=st.sampled_from(["pk", "id", "__raw__", "text", "number"]),
)
@example(suffix="", field="__raw__")
@example(suffix="__ne", field="text")
def test_no_kwargs_splat(mongoengine: Harness, suffix: str, field: str) -> None:
    """A query field that the view does not define is ignored or rejected.

    Source: beyond the chapter; it protects fields that the view does not offer for searching.

    Usual cause: `Movie.objects(**request.args)`.
    """
    app = MongoEngineRoutes.of(mongoengine)
    for stored in ("alpha", "beta"):
        app.create(app.data(stored))
    name = {"text": app.binding.text, "number": app.field_of("number") or "pk"}.get(field, field)
    if app.binding.search is not None and name + suffix != app.search_field:
        answer = app.search_json(**{app.search_field: "alpha", name + suffix: "alpha"})
        texts = [each.get(app.binding.text) for each in answer.documents]
        expect(
            400 <= answer.status < 500 or texts == ["alpha"],
            f"the document 'alpha', or a 4xx, for an extra {name + suffix}='alpha' in JSON",
            f"{answer.status} with {texts}",
        )
    if name + suffix in app.binding.filters.values():
        return
    answer = app.search([(name + suffix, "alpha")])
    found = sorted(str(each.get(app.binding.text)) for each in answer.documents)
    expect(
        400 <= answer.status < 500 or found == ["alpha", "beta"],
        f"both documents, or a 4xx, for ?{name + suffix}=alpha",
        f"{answer.status} with {found}",
    )


@harden("queries", share=0.3)
@given(text=st.text("ab.*+?()[]{}|^$\\", min_size=1, max_size=6))
@example(text=".*")
@example(text="(")
@example(text="a.c")
def test_regex_literal(mongoengine: Harness, text: str) -> None:
    """A search matches its text literally, never as a regular expression.

    Source: beyond the chapter; it protects a search from pattern syntax in its text.

    Usual cause: `title__regex=...`, or a pattern compiled from the user's text.
    """
    app = MongoEngineRoutes.of(mongoengine)
    stored = ["abc", "a.c", f"<{text}>"]
    for each in stored:
        app.create(app.data(each))
    answer = app.find(**{f"{app.binding.text}__icontains": text})
    found = sorted(str(each.get(app.binding.text)) for each in answer.documents)
    wanted = sorted(each for each in stored if text.lower() in each.lower())
    expect(found == wanted, f"{wanted} for a search of {text!r}", f"{answer.status} with {found}")


@must("creating-data", share=0.15)
@given(text=texts, number=numbers, word_list=words)
@example(text="changed", number=1985, word_list=["Michael J. Fox"])
def test_update_keeps(mongoengine: Harness, text: str, number: int, word_list: list[str]) -> None:
    """Updating one field changes that field, and neither the others nor another document.

    Source: Creating Data: assign values to the field attributes, then call `save()`.

    Usual cause: the view builds a new document from the request, or sets every field missing from
    the request to null.
    """
    app = MongoEngineRoutes.of(mongoengine)
    app.need("update")
    data = app.data("before", 1999, ["Christopher Lloyd"])
    if app.binding.nested is not None:
        data[app.binding.nested] = dict(app.binding.nested_values)
    # One document is found before it, and one after it.
    first, key, last = (
        str(app.create(each).document["id"])
        for each in (app.data("the first", 1998), data, app.data("the last", 2000))
    )
    others = {each: app.read(each).document for each in (first, last)}
    wanted = dict(app.read(key).document)
    drawn_values = {
        app.binding.text: text,
        app.field_of("number"): number,
        app.field_of("words"): word_list,
    }
    for name, value in drawn_values.items():
        if name is None:
            continue
        answer = app.change(key, {name: value})
        expect(answer.status < 300, f"{name} to be updated to {value!r}", answer)
        for other, sent in others.items():
            now = app.read(other).document
            expect(
                all(now.get(each) == sent.get(each) for each in app.data("")),
                f"{sent} to stay as it is while {key} is updated",
                f"it is {now}",
            )
        found = app.read(key).document
        wanted[name] = value
        for each in data:
            expect(
                found.get(each) == wanted.get(each),
                f"{each} to be {wanted.get(each)!r} after an update of {name} alone",
                f"{each} is {found.get(each)!r}",
            )


@harden("creating-data")
def test_json_shape(mongoengine: Harness) -> None:
    """The JSON of a document has a string `id` and no fields but the document's own.

    Source: beyond the chapter; it keeps a document's internal fields from clients.

    Usual cause: `to_json()`, which exposes `{"$oid": ...}` and every stored field.
    """
    app = MongoEngineRoutes.of(mongoengine)
    answer = app.create(app.data("alpha", 1, ["ann"]))
    shown = answer.document
    expect(isinstance(shown.get("id"), str), "the id to be a string", repr(shown.get("id")))
    for each in (shown, *app.stored()):
        marked = sorted(key for key in each if key.startswith(("_", "$")))
        expect(
            not marked,
            "the JSON to have only the document's own fields, none that begins with _ or $",
            f"it has the field {', '.join(marked)}: {dict(each)}",
            cause="what MongoDB stores is returned as it is, with fields that MongoEngine adds",
        )


@harden("creating-data")
@given(id_field=st.sampled_from(["id", "_id", "pk"]), as_oid_object=st.booleans())
@example(id_field="id", as_oid_object=False)
def test_id_not_client_set(mongoengine: Harness, id_field: str, as_oid_object: bool) -> None:
    """Creating a document with the id of another does not overwrite the other.

    MongoEngine's `save()` replaces the document that has the id.

    Source: beyond the chapter; it protects a document from being overwritten by a new one.

    Usual cause: `Movie(**request.get_json()).save()`.
    """
    app = MongoEngineRoutes.of(mongoengine)
    key = str(app.create(app.data("first")).document["id"])
    second = app.create({**app.data("second"), id_field: {"$oid": key} if as_oid_object else key})
    found = app.read(key)
    expect(
        found.status == 200 and found.document.get(app.binding.text) == "first",
        f"the first document to still exist under {key}",
        found,
        cause=f"the creation of the second document, with {id_field}={key!r}, returned "
        f"{second.status} and changed the first."
        if found.status == 200
        else "",
    )


@harden("configuration")
def test_config_per_app(mongoengine: Harness) -> None:
    """Each app uses its own configured database, even with two apps in one process.

    Source: beyond the chapter; it protects two apps from each other's database.

    Usual cause: one connection per process, made with the first app's settings; a second app with
    other settings cannot even be created.
    """
    app = MongoEngineRoutes.of(mongoengine)
    app.create(app.data("first"))
    first, of_first = app.app, app.configured
    # Both stay in use, as in a process that serves two apps.
    app._app = None
    texts = app.texts()
    expect(
        not texts,
        f"nothing in the second app's database, as it has {app.configured}",
        f"{texts}, stored by the first app, which has {of_first}",
    )
    app._app = first
    expect(app.texts() == ["first"], "the first app's document to be kept", app.texts())


@harden("configuration")
def test_lazy_connect(mongoengine: Harness) -> None:
    """With the database server down, the app starts and answers 503 where it needs it.

    Source: beyond the chapter; it lets the app start without its database server.

    Usual cause: the app connects when it is created, or waits out the driver's timeout of 30
    seconds.
    """
    app = MongoEngineRoutes.of(mongoengine)
    other = app.binding.other_page
    app.bench.enter(app.server_down())
    app._app = app.bench.build(**{app.binding.settings: {"host": UNREACHABLE}})
    if other is not None:
        response = app.send(app.client(), other)
        expect(response.status == 200, f"200 for {other.path}, which needs no database", response)
    started = time.monotonic()
    answer = app.find()
    seconds = time.monotonic() - started
    expect(answer.status == 503, "503 for the list", answer)
    expect(seconds < 10, "an answer within 10 s", f"an answer after {seconds:.0f} s")
    key, change = "0" * 24, {app.binding.text: "changed"}
    actions = {
        "item": ("a document", partial(app.read, key)),
        "update": ("the update of a document", partial(app.change, key, change)),
        "delete": ("the deletion of a document", partial(app.remove, key)),
    }
    for name, (what, action) in actions.items():
        if getattr(app.binding, name) is None:
            continue
        answer = action()
        expect(
            answer.status == 503,
            f"503 for {what} while the database is down",
            answer,
            cause="the view treats every error as a missing document."
            if answer.status == 404
            else "",
        )


@harden("queries", share=0.3)
@given(name=st.text("xyz", min_size=3, max_size=6), value=numbers | texts)
def test_extra_stored_field(mongoengine: Harness, name: str, value: Any) -> None:
    """A stored document with a field that the class no longer declares can still be read.

    Source: beyond the chapter; it keeps stored documents readable when the class changes.

    Usual cause: MongoEngine is strict unless `meta = {"strict": False}`: one old document turns
    the whole list into a 500.
    """
    component = DocumentComponent.of(mongoengine)
    component.create(component.data("new"))
    raw = component.data("old", 1, [])
    component.store_raw({**raw, name: value})
    answer = component.find()
    found = sorted(str(each.get(mongoengine.binding.text)) for each in answer.documents)
    expect(found == ["new", "old"], "both documents", f"{answer} with {found}")


@harden("creating-data", share=0.05)
@given(text=texts, number=numbers.filter(lambda number: number != 1950))
def test_lost_update(mongoengine: Harness, text: str, number: int) -> None:
    """Concurrent updates of different fields are both kept.

    Source: beyond the chapter; it protects an update from a concurrent one.

    Usual cause: the view writes the whole document back, including the field's old value that it
    read before the other request changed it.
    """
    app = MongoEngineRoutes.of(mongoengine)
    app.need("update")
    name = app.field("number")
    key = str(app.create(app.data("before", 1950)).document["id"])
    # In step, and with the first request held at each line of its view until the other has ended.
    for hold in (None, *range(1, 25)):
        how = (
            "both line by line in turns"
            if hold is None
            else f"the first held at line {hold} of its view until the second has ended"
        )
        app.ledger.note(f"two updates at once, {how}:")
        together(
            partial(app.change, key, {app.binding.text: text}),
            partial(app.change, key, {name: number}),
            hold=hold,
        )
        found = app.read(key).document
        kept = found.get(app.binding.text), found.get(name)
        if kept != (text, number):
            app.ledger.note("the same updates, one after the other:")
            for change in ({app.binding.text: text}, {name: number}):
                app.change(key, change)
            alone = app.read(key).document
            both = (alone.get(app.binding.text), alone.get(name)) == (text, number)
            raise Deviation(
                f"{app.binding.text}={text!r} and {name}={number!r} after both updates",
                f"{app.binding.text}={kept[0]!r} and {name}={kept[1]!r}",
                "one after the other, both updates are kept; at once, one undoes the other."
                if both
                else "",
            )
        app.change(key, {app.binding.text: "before"})
        app.change(key, {name: 1950})
