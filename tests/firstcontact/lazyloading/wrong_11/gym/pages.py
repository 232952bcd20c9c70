def start():
    return "<!doctype html><title>Gym</title><h1>Welcome</h1><a href=/courses/>Courses</a>"
