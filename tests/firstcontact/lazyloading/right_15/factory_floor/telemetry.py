def metrics():
    return "machines_running 2\n", {"Content-Type": "text/plain; version=0.0.4"}
