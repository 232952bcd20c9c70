from .article import Article  # noqa: F401
