"""Mail that is accepted and discarded, to see whether refusing it caused a failure."""

from __future__ import annotations

import contextlib
import smtplib
from collections.abc import Iterator
from unittest import mock


@contextlib.contextmanager
def taken_mail() -> Iterator[None]:
    """Make every mail server seem to exist and to accept what it is sent, while the block runs."""

    def answer(code: int) -> object:
        return lambda *args, **values: (code, b"OK")

    with mock.patch.multiple(
        smtplib.SMTP,
        connect=answer(220),
        send=lambda *args: None,
        getreply=answer(250),
        data=answer(250),
        starttls=answer(220),
        login=answer(235),
    ):
        yield
