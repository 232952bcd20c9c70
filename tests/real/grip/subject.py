"""Grip on one README, without GitHub."""

from __future__ import annotations

import tempfile
from typing import Any

from grip import Grip
from grip.assets import ReadmeAssetManager
from grip.readers import TextReader
from grip.renderers import ReadmeRenderer


class Plain(ReadmeRenderer):
    """Renders without GitHub."""

    def render(self, text: str, auth: Any = None) -> str:
        return "<h1>Demo</h1><p>Hello.</p>"


class Bare(ReadmeAssetManager):
    """Has no styles, where Grip fetches GitHub's."""

    def retrieve_styles(self, asset_url_path: str) -> None:
        pass


def create_app() -> Grip:
    text = TextReader("# Demo\n\nHello.\n", "README.md")
    return Grip(text, renderer=Plain(), assets=Bare(tempfile.mkdtemp()), quiet=True)
