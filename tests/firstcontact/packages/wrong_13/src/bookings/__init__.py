"""Court bookings of the tennis club.

    flask --app bookings run
"""
from bookings.core.factory import create_app

__all__ = ["create_app"]
__version__ = "0.9"
