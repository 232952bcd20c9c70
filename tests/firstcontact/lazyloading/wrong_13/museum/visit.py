def start():
    return "<!doctype html><title>Museum</title><h1>Museum</h1>"


def tickets():
    return {"adult": 12, "child": 0}
