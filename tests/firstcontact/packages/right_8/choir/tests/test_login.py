import pytest

from choir import app


@pytest.mark.parametrize("path", ["/", "/me"])
def test_needs_login(path):
    assert app.test_client().get(path).status_code == 302
