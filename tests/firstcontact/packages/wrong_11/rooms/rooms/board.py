"""The notices that are shown next to the list of rooms."""
from collections import deque
from threading import Lock

_lock = Lock()
_notices = deque(maxlen=50)


def post(text):
    with _lock:
        _notices.appendleft(text)


def latest(n):
    with _lock:
        return list(_notices)[:n]
