import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "rooms"))

from rooms import create_app  # noqa: E402,F401
