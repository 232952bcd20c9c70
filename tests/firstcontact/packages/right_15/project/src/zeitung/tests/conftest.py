import pytest

from zeitung.web import create_app


@pytest.fixture
def client():
    return create_app("test").test_client()
