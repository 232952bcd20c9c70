from . import accueil, articles  # noqa: F401
