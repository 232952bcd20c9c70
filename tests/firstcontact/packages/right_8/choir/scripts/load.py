"""Reads singers from standard input: `choir-import < singers.csv`."""
import sys

from choir.views.login import SINGERS


def main():
    for line in sys.stdin:
        name, voice = line.strip().split(",")
        SINGERS[name] = voice


if __name__ == "__main__":
    main()
