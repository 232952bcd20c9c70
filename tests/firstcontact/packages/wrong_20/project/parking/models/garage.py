from dataclasses import dataclass


@dataclass
class Garage:
    name: str
    spaces: int
    taken: int = 0

    @property
    def free(self):
        return max(self.spaces - self.taken, 0)


GARAGES = [Garage("Station", 220, 210), Garage("Opera", 80, 80)]
