"""The configuration: read from TOML, validated, and told about in plain sentences."""

from __future__ import annotations

import ast
import functools
import inspect
import itertools
import json
import re
import secrets
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    PrivateAttr,
    ValidationError,
    WithJsonSchema,
    create_model,
    model_validator,
)

from ..core.errors import ConfigError, nearest
from ..core.place import at_place
from ..transports.messages import Request
from .files import Configuration as Configuration
from .files import find_config as find_config
from .files import load_config as load_config
from .files import read_configuration as read_configuration
from .files import read_toml as read_toml
from .files import shown as shown

# From a random start: a store that outlives the run may contain values of an earlier one. As many
# digits as `Request.identity` expects.
_numbers = itertools.count(10**8 + secrets.randbelow(9 * 10**8))

#: The names that a place may have, so that they can be part of ids, globs and test names.
PLACE_NAME = r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$"
PlaceName = Annotated[
    str, Field(pattern=PLACE_NAME, description="What verdicts call the place; no two are equal.")
]

_REFERENCE = r"^[\w.]+:[\w.]+$"
_METHOD = "[A-Z]+"


def _component(value: object) -> object:
    if isinstance(value, str) and not re.match(_REFERENCE, value):
        raise ValueError("a component is named as 'module:attribute'")
    return value


#: A component of a subject: `"module:attribute"`, or in Python the object itself.
Component = Annotated[
    Any,
    PlainValidator(_component),
    WithJsonSchema({"type": "string", "pattern": _REFERENCE, "description": "module:attribute"}),
]


class _Strict(BaseModel):
    # Not `use_attribute_docstrings`: see `document`.
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class Route(_Strict):
    """A request that the subject handles: a path, `"POST /path"`, or a table with more."""

    path: str
    """The path, starting with a slash; a query string may follow."""
    method: str = "GET"
    """The HTTP method; by default POST if there is a form or JSON to send."""
    query: dict[str, str] = {}
    """Fields of the query string; `{n}` becomes a number that no earlier request had."""
    form: dict[str, str] | None = None
    """Form fields to send; `{n}` likewise."""
    json_body: Any = Field(default=None, alias="json")
    """A JSON value to send; `{n}` in its strings likewise."""
    headers: dict[str, str] = {}
    """Request headers."""
    form_page: str | None = None
    """A page to fetch first; the hidden inputs of its form (such as a CSRF token) are sent too."""
    person: str | None = Field(default=None, alias="as")
    """The name of a person in `[people]` who is logged in when it is sent."""

    @model_validator(mode="before")
    @classmethod
    def _from_path(cls, value: object) -> Any:
        if isinstance(value, str):
            method, space, path = value.partition(" ")
            short = space and re.fullmatch(_METHOD, method)
            return {"method": method, "path": path} if short else {"path": value}
        if isinstance(value, Mapping) and "method" not in value:
            sends = value.get("form") is not None or value.get("json") is not None
            return {**value, "method": "POST"} if sends else value
        return value

    @model_validator(mode="after")
    def _check(self) -> Route:
        if not self.path.startswith("/"):
            raise ValueError("a path begins with a slash")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> Any:
        table = handler(core_schema)
        return {"anyOf": [{"type": "string", "pattern": f"^({_METHOD} )?/"}, table]}

    def request(self, *, fields: Mapping[str, str] | None = None, **parts: Any) -> Request:
        """Return the request; `fields` are added to what it sends: form, JSON object or query."""
        number = str(next(_numbers))
        form = numbered(self.form, number)
        query = numbered(self.query, number)
        body = numbered(self.json_body, number)
        if fields and (form is None and self.method in ("GET", "HEAD")):
            query.update(fields)
        elif fields and form is None and isinstance(body, Mapping):
            body = {**body, **fields}
        elif fields:
            form = {**(form or {}), **fields}
        parts.setdefault("headers", tuple(self.headers.items()))
        return Request.build(
            parts.pop("method", self.method),
            parts.pop("target", self.path),
            query=query,
            form=parts.pop("form", form),
            json=parts.pop("json", body),
            **parts,
        )


def posted(value: object) -> object:
    """Return a request as it is typed, a POST where it names no method; to be read as a `Route`."""
    if isinstance(value, str) and value.startswith("/"):
        value = {"path": value}
    return {"method": "POST", **value} if isinstance(value, Mapping) else value


def numbered(value: object, number: str | None = None) -> Any:
    """Return a copy of a value with a number, new unless given, for `{n}` in its strings."""
    number = str(next(_numbers)) if number is None else number
    if isinstance(value, str):
        return value.replace("{n}", number)
    if isinstance(value, Mapping):
        return {key: numbered(item, number) for key, item in value.items()}
    if isinstance(value, list):
        return [numbered(item, number) for item in value]
    return value


class Person(_Strict):
    """A person who can use the application."""

    login: Route
    """The request that logs them in, such as a form with a name and a password."""
    logout: Route | None = None
    """The request that logs them out."""
    shows: str | None = None
    """Text that pages only show to them, such as their name."""


class Binding(_Strict):
    """How a subject exposes one pattern; each pattern derives its own."""

    #: Keys that are filled in from `[people]` if they are unset, and the person's field to use.
    filled: ClassVar[Mapping[str, str]] = {}
    #: Deprecated keys, and what replaces them.
    instead: ClassVar[Mapping[str, str]] = {}

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    def remember(self, origins: Mapping[str, str]) -> None:
        """Record which keys of people some keys have their values from."""
        self._origins = dict(origins)

    def origin(self, key: str) -> str | None:
        """Return the key of people that a key has its value from; None if it has its own."""
        return self._origins.get(key)

    @classmethod
    def key_names(cls) -> list[str]:
        """Return the names of all keys, in the order of their description."""
        return list(cls.model_fields)

    @classmethod
    def component_keys(cls) -> list[str]:
        """Return the names of the fields that are components."""
        return [
            name
            for name, field in cls.model_fields.items()
            if any(isinstance(item, PlainValidator) for item in field.metadata)
        ]


class Settings(_Strict):
    """Everything that `[tool.conformance]` or `conformance.toml` may contain."""

    app: Any = None
    """The subject: `module:factory`, `module:app`, or `module:factory('argument')`."""
    factory: Any = None
    """The factory that the fixture in `app` calls, for clauses that need a factory."""
    config: dict[str, Any] = {}
    """Values passed to the factory or applied to the app; `{tmp}` becomes a new folder for each
    app."""
    setup: Component = None
    """`module:function`, called with each new app: create tables, add a test user."""
    waive: dict[str, str] = {}
    """Accepted deviations: a clause id and the reason."""
    workers: int = Field(default=1, ge=1)
    """How many processes run clauses; use more than one only if two apps share no file or table."""
    services: dict[str, str] = {}
    """Real services by name: `postgresql`, `mariadb`, `redis`, ... and their URLs."""
    disposable: list[str] = []
    """What may be written to: databases by URL, servers as `host:port`, files and folders."""
    allow: list[str] = []
    """Connections that may leave the machine, each as `host:port`."""
    suites: list[str] = []
    """Modules with your own clauses: names, or paths of `.py` files relative to this file's
    folder."""
    people: dict[str, Any] = {}
    """Who can use the application: one table `[people.NAME]` per person."""
    patterns: dict[str, Any] = {}
    """The bindings: one table per pattern, or per place of it."""


def validate(
    model: type[BaseModel], data: object, *, source: str, key: str = "", place: str = ""
) -> Any:
    """Validate data against a model; raises `ConfigError` with file, key, place, nearest name."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False)
        # A misspelled key is also missing, which says less.
        first = next((each for each in found if each["type"] == "extra_forbidden"), found[0])
    path = ".".join(str(part) for part in ((key,) if key else ()) + first["loc"])
    path = at_place(path, place)
    if first["type"] == "extra_forbidden":
        known = _keys_at(model, first["loc"][:-1])
        close = nearest(str(first["loc"][-1]), known)
        hint = close or f"; known keys: {', '.join(known)}"
        raise ConfigError(f"{source}: unknown key {path}{hint}")
    if first["type"] == "missing":
        raise ConfigError(f"{source}: {path} is missing")
    message = first["msg"].removeprefix("Value error, ")
    message = message[0].lower() + message[1:]
    value = repr(first.get("input"))
    value = value if len(value) < 60 else value[:57] + "..."
    raise ConfigError(f"{source}: {path}: {message}, not {value}")


def _keys_at(model: type[BaseModel], location: Iterable[object]) -> list[str]:
    here: Any = model
    for part in location:
        fields = getattr(here, "model_fields", {})
        field = fields.get(part)
        if field is None:
            continue
        options = getattr(field.annotation, "__args__", (field.annotation,))
        here = next((o for o in options if isinstance(o, type) and issubclass(o, BaseModel)), here)
    return [field.alias or name for name, field in here.model_fields.items()]


@functools.cache
def document(model: type[BaseModel]) -> None:
    """Describe each field of a model with the string below it in the source.

    Also those of the models in its fields. Pydantic can do this whenever a model is created.
    Every run creates all of them and would take longer to start, but only the commands that
    describe the bindings need the descriptions.
    """
    for info in model.model_fields.values():
        for inner in _models_in(info.annotation):
            document(inner)
    # Starting with the base model, as a derived one may describe a field differently.
    for base in reversed(model.__mro__[: model.__mro__.index(_Strict)]):
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(base))).body
        assert isinstance(definition, ast.ClassDef)
        for field, text in itertools.pairwise(definition.body):
            match field, text:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(ast.Constant(str(words))):
                    model.model_fields[name].description = inspect.cleandoc(words)
    model.model_rebuild(force=True)


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def json_schema(
    bindings: Mapping[str, type[Binding]], examples: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """Return the JSON Schema of the whole file, for the given patterns' bindings.

    `examples` are values of keys, by pattern.
    """
    for model in (Settings, Person, *bindings.values()):
        document(model)
    fields: dict[str, Any] = {}
    for slug, binding in sorted(bindings.items()):
        place = create_model(f"{binding.__name__}Place", __base__=binding, name=(PlaceName, ...))
        fields[slug] = (binding | list[place] | None, None)  # type: ignore[valid-type]
    patterns = create_model("Patterns", __base__=_Strict, **fields)
    whole = create_model(
        "Configuration", __base__=Settings, patterns=(patterns, {}), people=(dict[str, Person], {})
    )
    schema = whole.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "flask-conformance configuration"
    for slug, values in (examples or {}).items():
        for name in (bindings[slug].__name__, f"{bindings[slug].__name__}Place"):
            for key, value in values.items():
                schema["$defs"][name]["properties"][key]["examples"] = [value]
    return json.loads(json.dumps(schema, default=str))  # type: ignore[no-any-return]
