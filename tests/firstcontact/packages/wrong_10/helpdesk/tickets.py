from dataclasses import asdict, dataclass


@dataclass
class Ticket:
    number: int
    subject: str
    state: str = "open"

    def row(self):
        return asdict(self)


ALL = [
    Ticket(1, "Printer on the 3rd floor"),
    Ticket(2, "Password forgotten", "closed"),
    Ticket(3, "No sound in room 12"),
]
