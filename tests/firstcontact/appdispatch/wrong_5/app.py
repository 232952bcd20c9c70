"""Course sites below /<course>/, everything else belongs to the school's site."""
from threading import Lock
from wsgiref.util import shift_path_info

from flask import Flask, current_app, request

COURSES = {"maths": "Mathematics", "latin": "Latin"}


class CourseDispatcher:
    def __init__(self, default_app, create_app):
        self.default_app = default_app
        self.create_app = create_app
        self.lock = Lock()
        self.instances = {}

    def get_application(self, prefix):
        with self.lock:
            app = self.instances.get(prefix)
            if app is None:
                app = self.create_app(prefix)
                if app is not None:
                    self.instances[prefix] = app
            return app

    def __call__(self, environ, start_response):
        prefix = shift_path_info(environ) or ""
        app = self.get_application(prefix)
        if app is None:
            app = self.default_app
        return app(environ, start_response)


def create_course(prefix):
    if prefix not in COURSES:
        return None
    course = Flask(__name__)
    course.config["TITLE"] = COURSES[prefix]

    @course.get("/")
    def overview():
        return {"course": current_app.config["TITLE"], "root": request.script_root}

    @course.get("/lessons/<int:number>")
    def lesson(number):
        return {"course": current_app.config["TITLE"], "lesson": number}

    return course


app = Flask(__name__)


@app.get("/")
def school():
    return {"courses": sorted(COURSES)}


@app.get("/contact")
def contact():
    return {"mail": "school@example.org"}


application = CourseDispatcher(app, create_course)
