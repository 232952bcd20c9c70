ENTRIES = [("Lena", "Cheese was great."), ("Piet", "Snow up to the windows!")]


def add(name, text):
    ENTRIES.insert(0, (name, text))
