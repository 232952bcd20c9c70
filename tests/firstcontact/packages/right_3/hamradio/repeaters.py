from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Repeater:
    call: str
    mhz: float


ALL = (Repeater("DB0XY", 145.675), Repeater("OE3XLA", 438.9))


def find(call: str) -> Repeater | None:
    return next((r for r in ALL if r.call == call.upper()), None)
