from .garage import Garage

__all__ = ["Garage"]
