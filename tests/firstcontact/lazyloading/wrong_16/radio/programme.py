DAYS = ["Jazz", "News", "Chess", "Opera", "Disco", "Sports", "Church"]


def today():
    return {"programme": DAYS[0]}


def day(number):
    return {"programme": DAYS[number % 7]}
