"""The shop: one module for each part."""
from . import home, items, orders

__all__ = ["home", "items", "orders"]
