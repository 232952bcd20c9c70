"""Which code is the subject's own."""

from __future__ import annotations

import json
import os
import sysconfig
from collections.abc import Iterator

import jinja2
import pytest

import conformance
from conformance.core import own

SITE = "/srv/venv/lib/python3.12/site-packages"


@pytest.fixture(autouse=True)
def noted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget afterwards what a test has noted."""
    monkeypatch.setattr(own, "_roots", set())
    own.is_library.cache_clear()
    yield
    own.is_library.cache_clear()


@pytest.mark.parametrize("file", [
    json.__file__, os.__file__, jinja2.__file__, conformance.__file__,
    f"{SITE}/shop/views.py", "/usr/lib/python3/dist-packages/shop.py", "<string>", "<frozen runpy>",
    os.path.join(sysconfig.get_path("stdlib"), "http", "server.py"),
])  # fmt: skip
def test_what_others_wrote_is_not_the_subjects(file: str) -> None:
    assert not own.is_own(file)


@pytest.mark.parametrize("file", [
    "/srv/shop/views.py", __file__, "shop.py",
    # What only begins with a name of another folder.
    conformance.__file__.replace("__init__.py", "").rstrip(os.sep) + "-shop/views.py",
])  # fmt: skip
def test_any_other_file_is_the_subjects(file: str) -> None:
    assert own.is_own(file)


def test_the_package_of_an_installed_app_is_its_own_and_no_other() -> None:
    assert not own.is_own(f"{SITE}/shop/views.py")

    own.note_root(f"{SITE}/shop/web")

    assert own.is_own(f"{SITE}/shop/web/views.py")
    assert own.is_own(f"{SITE}/shop/models.py")
    assert not own.is_own(f"{SITE}/shop_admin/views.py")
    assert not own.is_own(f"{SITE}/flask/app.py")


@pytest.mark.parametrize("folder", [SITE, f"{SITE}/", "/srv/shop", ""])
def test_no_folder_of_packages_is_noted_as_a_subjects(folder: str) -> None:
    own.note_root(folder)

    assert not own.is_own(f"{SITE}/flask/app.py")


def test_code_without_a_file_is_no_librarys_either() -> None:
    assert not own.is_library("<template>")
    assert not own.is_library("")
