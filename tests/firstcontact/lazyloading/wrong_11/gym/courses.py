from flask import abort
from markupsafe import escape

COURSES = {"yoga": "Yoga for beginners", "spin": "Spinning"}


def index():
    items = "".join(f"<li><a href='/courses/{k}'>{escape(v)}</a>" for k, v in COURSES.items())
    return f"<!doctype html><title>Courses</title><ul>{items}</ul>"


def show(slug):
    if slug not in COURSES:
        abort(404)
    return f"<!doctype html><title>Course</title><h1>{escape(COURSES[slug])}</h1>"
