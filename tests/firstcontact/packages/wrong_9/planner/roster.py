SHIFTS = [
    {"day": "Friday", "from": "18:00", "crew": ["Noor", "Tomas"]},
    {"day": "Saturday", "from": "06:00", "crew": ["Ilse", "Wes"]},
    {"day": "Sunday", "from": "06:00", "crew": []},
]


def open_shifts():
    return [s for s in SHIFTS if len(s["crew"]) < 2]
