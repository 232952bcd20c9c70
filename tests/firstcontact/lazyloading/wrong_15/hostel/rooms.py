ROOMS = {n: {"number": n, "beds": 4 + n % 3} for n in range(1, 13)}


def room(number):
    if number not in ROOMS:
        return {"error": "no such room"}, 404
    return ROOMS[number]
