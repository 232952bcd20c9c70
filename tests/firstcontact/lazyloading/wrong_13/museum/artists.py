from markupsafe import escape


def artist(name):
    return f"<!doctype html><title>Artist</title><h1>{escape(name)}</h1>"
