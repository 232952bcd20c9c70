"""How requests reach the subject: in-process WSGI, or a real server over a socket.

These names are public: a harness creates a `Request`, and a `Client` returns a `Response`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from .client import Client, Server
from .messages import MARK, Request, Response, Stream, Upload, WSGIApp, safe_path
from .socket import serve_gunicorn, serve_waitress, serve_werkzeug
from .wsgi import WSGIServer

__all__ = [
    "MARK",
    "TRANSPORTS",
    "Client",
    "Request",
    "Response",
    "Server",
    "Stream",
    "Transport",
    "Upload",
    "WSGIApp",
    "safe_path",
]


@dataclasses.dataclass(frozen=True)
class Transport:
    """A way for requests to reach the subject.

    `same_process` is whether the subject runs in the clause's process, so that its signals and
    objects can be observed; `share` is the part of the examples that is drawn, since a socket
    costs more than a call.
    """

    name: str
    serve: Callable[[WSGIApp], Server]
    same_process: bool
    share: float


#: The transports by name, in the order in which help lists them.
TRANSPORTS = {
    transport.name: transport
    for transport in (
        Transport("wsgi", WSGIServer, same_process=True, share=1.0),
        Transport("werkzeug", serve_werkzeug, same_process=True, share=0.2),
        Transport("waitress", serve_waitress, same_process=True, share=0.2),
        Transport("gunicorn", serve_gunicorn, same_process=False, share=0.2),
    )
}
