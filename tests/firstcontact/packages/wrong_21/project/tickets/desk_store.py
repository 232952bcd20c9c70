import itertools


class Store:
    def __init__(self):
        self._ids = itertools.count(1)
        self.open = {}

    def add(self, text):
        number = next(self._ids)
        self.open[number] = text
        return number


store = Store()
