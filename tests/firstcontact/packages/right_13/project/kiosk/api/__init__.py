from . import papers  # noqa: F401
