from flask import render_template_string


def index():
    return render_template_string("<!doctype html><title>{{ site() }}</title><h1>{{ site() }}</h1>")
