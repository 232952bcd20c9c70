from datetime import time

LINES = {"N1": [time(0, 30), time(1, 30), time(3, 0)], "N7": [time(0, 45), time(2, 15)]}


def after(line, moment):
    return [departure for departure in LINES[line] if departure >= moment]
