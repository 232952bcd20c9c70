"""Stores one file, whose download is asked about."""

from __future__ import annotations

import io

import flask
from bepasty.utils.upload import Upload

CONTENT = b"line\n" * 40_000


def store(app: flask.Flask) -> None:
    with app.app_context(), app.storage.create("abcdefgh", len(CONTENT)) as item:
        Upload.data(item, io.BytesIO(CONTENT), len(CONTENT))
        Upload.meta_new(item, len(CONTENT), "lines.txt", "text/plain", "", "abcdefgh")
        Upload.meta_complete(item, "")
