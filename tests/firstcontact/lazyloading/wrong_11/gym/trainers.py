from markupsafe import escape


def show(slug):
    return f"<!doctype html><title>Trainer</title><h1>{escape(slug.title())}</h1>"
