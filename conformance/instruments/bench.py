"""What a clause run works with."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TypeVar

from ..core.errors import SecondBuildError, SubjectError, Untested
from ..core.ledger import Ledger
from ..core.own import note_root
from ..subject import Subject
from ..transports import TRANSPORTS, Server, Transport, WSGIApp

T = TypeVar("T")


class Bench:
    """What a clause run works with: the subject, a transport, a ledger, and whatever it opened.

    Close it when the clause has ended: this stops servers and removes folders.
    """

    def __init__(
        self,
        subject: Subject,
        transport: Transport,
        hanging: Collection[str] = (),
        problems: Mapping[str, str] | None = None,
        *,
        reads: bool = False,
    ) -> None:
        self.subject = subject
        #: Whether apps are only read: then there is one for all such benches of the subject.
        self.reads = reads
        #: What the preflight found, by key.
        self.problems = problems or {}
        self.transport = transport
        self.ledger = Ledger(hanging=frozenset(hanging))
        self._stack = contextlib.ExitStack()
        self._servers: dict[tuple[int, bool], tuple[WSGIApp, Server]] = {}

    def folder(self) -> Path:
        """Return a new empty folder that exists as long as the bench."""
        made = tempfile.TemporaryDirectory(prefix="conformance-", ignore_cleanup_errors=True)
        return Path(self.enter(made)).resolve()

    def enter(self, block: contextlib.AbstractContextManager[T]) -> T:
        """Enter a context that is exited when the bench closes, in reverse order."""
        return self._stack.enter_context(block)

    def closing(self, close: Callable[[], object]) -> object:
        """Call something when the bench closes, in reverse order."""
        return self._stack.callback(close)

    def build(self, **config: object) -> WSGIApp:
        """Create a new app of the subject; raises `SubjectError` if that fails."""
        if self.subject.app is None:
            raise Untested("needs an app: only components are bound")
        try:
            app: WSGIApp
            if self.reads and not config:
                app = self.subject.app_to_read()
            else:
                app = self.subject.build(self.folder, self.closing, **config)
        except SubjectError as error:
            if self.subject.made == 1 and not config:
                raise SecondBuildError(str(error)) from error
            raise
        object.__setattr__(self.subject, "made", self.subject.made + 1)
        if config:
            self.ledger.steer()
        if isinstance(root := getattr(app, "root_path", None), str):
            note_root(root)
        return app

    def serve(self, app: WSGIApp, *, browser: bool = False) -> Server:
        """Serve a WSGI callable over the transport; the same app gets the same server again.

        A browser needs a socket: if the transport has none, Werkzeug's server is used.
        """
        extra = browser and self.transport.name == "wsgi"
        key = id(app), extra
        if key not in self._servers:
            transport = TRANSPORTS["werkzeug"] if extra else self.transport
            self._servers[key] = (app, transport.serve(app))
        return self._servers[key][1]

    def stop(self, app: WSGIApp) -> None:
        """Stop serving an app."""
        for key in [key for key in self._servers if key[0] == id(app)]:
            _, server = self._servers.pop(key)
            server.close()

    def close(self) -> None:
        """Stop all servers and remove all folders."""
        for app, _ in list(self._servers.values()):
            self.stop(app)
        self._stack.close()
