"""Runs a module as `python -m` does, in a process that watches: `python -m ... flask routes`."""

from __future__ import annotations

import runpy
import sys

from . import join

if __name__ == "__main__":
    guest = join()
    if guest is not None:
        # The app may have its usual settings here: what it is kept from is its answer.
        guest.ends = False
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
