__version__ = "2026.1"
