def ping():
    return "pong", 203, {"Content-Type": "text/plain"}
