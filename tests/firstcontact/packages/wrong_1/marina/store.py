"""What the views share."""
from itertools import count
from threading import Lock

BERTHS = {"A1": 8, "A2": 8, "B1": 12, "B2": 15}
_bookings = {}
_numbers = count(1)
_lock = Lock()


def free(berth):
    return berth in BERTHS and berth not in _bookings.values()


def book(berth):
    with _lock:
        if not free(berth):
            return None
        number = next(_numbers)
        _bookings[number] = berth
        return number


def bookings():
    return dict(_bookings)
