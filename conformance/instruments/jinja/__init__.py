"""A reader of an app's Jinja templates: what their source says, without rendering any."""

from __future__ import annotations

from .composition import BRANCH, Composition, without_placeholders
from .findings import (
    comment_before_extends,
    default_texts,
    is_html,
    marked_safe,
    misplaced_extends,
    outside_blocks,
    unescaped,
    unquoted,
    unscoped_blocks,
    url_calls,
)
from .library import Library, in_request
from .template import Template

__all__ = [
    "BRANCH",
    "Composition",
    "Library",
    "Template",
    "comment_before_extends",
    "default_texts",
    "in_request",
    "is_html",
    "marked_safe",
    "misplaced_extends",
    "outside_blocks",
    "unescaped",
    "unquoted",
    "unscoped_blocks",
    "url_calls",
    "without_placeholders",
]
