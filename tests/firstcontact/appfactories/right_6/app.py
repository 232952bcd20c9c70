"""Entry point; the application is the package ``shop``."""
from shop import create_app

__all__ = ["create_app"]
