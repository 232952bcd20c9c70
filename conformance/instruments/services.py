"""Whether a named real service is available."""

from __future__ import annotations

import functools
import socket
from urllib.parse import urlsplit

#: The port of a service whose URL has none, by the scheme without its driver.
PORTS = {
    "postgresql": 5432,
    "postgres": 5432,
    "mysql": 3306,
    "mariadb": 3306,
    "redis": 6379,
    "rediss": 6379,
    "amqp": 5672,
    "amqps": 5671,
    "pyamqp": 5672,
    "mongodb": 27017,
}

#: Seconds within which a service accepts a connection.
PATIENCE = 3.0


@functools.cache
def why_away(url: str) -> str:
    """Return why a service's URL is unreachable; empty if it is reachable.

    Also empty if the URL does not name a host and port, such as that of a socket file: whoever
    connects finds out.
    """
    try:
        parts = urlsplit(url)
        scheme = parts.scheme.partition("+")[0]
        host, port = parts.hostname, parts.port or PORTS.get(scheme)
    except ValueError as error:
        return f"its URL is invalid: {error}"
    if not host or port is None:
        return ""
    try:
        socket.create_connection((host, port), timeout=PATIENCE).close()
    except OSError as error:
        return f"{host}:{port} does not answer: {error.strerror or error}"
    return ""
