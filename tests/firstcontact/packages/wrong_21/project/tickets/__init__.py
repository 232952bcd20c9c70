import os
import sys

from flask import Flask

# was one folder of modules once: let them go on finding each other
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

app = Flask(__name__)

import desk_commands  # noqa: E402
import desk_views  # noqa: E402,F401
