"""What a guest may write to and connect to: what the run has created, and what is named."""

from __future__ import annotations

import dataclasses
import functools
import ipaddress
import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from .notes import VARIABLE, Notes

#: The ports of servers by the scheme of their URLs, without `+driver`.
PORTS = {
    "postgresql": 5432,
    "postgres": 5432,
    "cockroachdb": 26257,
    "mysql": 3306,
    "mariadb": 3306,
    "mssql": 1433,
    "oracle": 1521,
    "mongodb": 27017,
    "redis": 6379,
    "rediss": 6379,
    "valkey": 6379,
    "amqp": 5672,
    "amqps": 5671,
    "pyamqp": 5672,
    "rpc": 5672,
    "memcached": 11211,
    "memcache": 11211,
    "kafka": 9092,
    "nats": 4222,
    "ldap": 389,
    "ldaps": 636,
    "smtp": 25,
    "smtps": 465,
    "http": 80,
    "https": 443,
}

#: Schemes of databases that SQLAlchemy accesses over a network.
SQL = ("postgresql", "postgres", "cockroachdb", "mysql", "mariadb", "mssql", "oracle")

#: The prefix of the names of databases that the kit creates in a named service.
OWN = "conformance_"


@dataclasses.dataclass(frozen=True)
class Place:
    """A server and one of its databases, as a URL names them."""

    host: str
    port: int | None
    database: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.port else host


def scheme_of(url: str) -> str:
    """Return the scheme of a URL without its driver; empty if the text is not a URL."""
    scheme, colon, _ = url.partition("://")
    return scheme.lower().partition("+")[0] if colon else ""


@functools.cache
def place_of(text: str) -> Place | None:
    """Return the server that a URL, or `host:port`, names; None if there is none."""
    if not text or text.startswith(("/", ".", "unix:", "file:")) or scheme_of(text) == "sqlite":
        return None
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        port = parts.port or PORTS.get(scheme_of(text))
        # Several servers of one database: the first one represents them.
        host = parts.hostname or "localhost"
    except ValueError:
        host, _, rest = text.partition("://")[2].rpartition("@")[2].partition(":")
        port = PORTS.get(scheme_of(text))
        parts = urlsplit(f"//{rest}")
    return Place(plain(host), port, unquote(parts.path).strip("/"))


def plain(host: str) -> str:
    """Return a host's name; every name of this machine is `localhost`."""
    host = host.lower().strip("[]").partition("%")[0].rstrip(".")
    if host in ("", "localhost", "0.0.0.0", "::") or host.endswith(".localhost"):
        return "localhost"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    mapped = getattr(address, "ipv4_mapped", None)
    return "localhost" if (mapped or address).is_loopback else host


@dataclasses.dataclass(frozen=True)
class Rules:
    """What the configuration and the command line name, and what the run itself creates."""

    notes: Notes
    #: The process whose descendants belong to the run.
    root: int
    disposable: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return the rules as JSON, for another process."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Rules:
        """Read what `to_json` has written."""
        data: dict[str, Any] = json.loads(text)
        lists = {key: tuple(data[key]) for key in ("disposable", "allow", "services")}
        return cls(Notes(**data["notes"]), data["root"], **lists)

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> Rules | None:
        """Return the rules of the run that this process belongs to, or None."""
        text = environment.get(VARIABLE)
        return cls.from_json(text) if text else None

    def is_inside(self, path: str) -> bool:
        """Check whether a path is in the folder of the run."""
        return path.startswith(self.notes.folder + os.sep) or path == self.notes.folder

    def may_write(self, path: str) -> bool:
        """Check whether a path is named as disposable, or is in a folder that is."""
        return any(path == each or path.startswith(each + os.sep) for each in self._paths)

    def may_reach(self, host: str, port: int | None) -> bool:
        """Check whether a server is named, under whichever key."""
        return any(each.host == plain(host) and each.port in (None, port) for each in self._servers)

    def may_use(self, place: Place) -> bool:
        """Check whether a database of a server is named, or was created there by the kit."""
        own = place.database.startswith(OWN)
        return any(
            each.host == place.host
            and each.port in (None, place.port)
            and (own or each.database in ("", place.database))
            for each in self._servers
        )

    # `cached_property` would need a `__dict__` that is not frozen.

    @property
    def _paths(self) -> tuple[str, ...]:
        return _paths(self.disposable + self.allow)

    @property
    def _servers(self) -> tuple[Place, ...]:
        return _servers(self.disposable + self.allow + self.services)


@functools.cache
def _paths(named: tuple[str, ...]) -> tuple[str, ...]:
    found = []
    for each in named:
        if scheme_of(each) == "sqlite":
            each = urlsplit(each).path[1:]
        elif scheme_of(each) == "unix" or each.startswith("unix:"):
            each = each.partition(":")[2].removeprefix("//")
        elif "://" in each:
            continue
        found += [os.path.abspath(each), os.path.realpath(each)]
    return tuple(dict.fromkeys(found))


@functools.cache
def _servers(named: tuple[str, ...]) -> tuple[Place, ...]:
    return tuple(place for each in named if (place := place_of(each)) is not None)
