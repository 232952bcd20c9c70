import os.path as p
import sys

sys.path.insert(0, p.join(p.dirname(p.abspath(__file__)), "portal-src"))

from portal import app  # noqa: E402,F401
