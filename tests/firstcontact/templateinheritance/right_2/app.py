"""To-do board: whole pages, or only their content for a script that asks for it."""
from flask import Flask, g, render_template, request
from flask.views import View
from werkzeug.exceptions import NotFound

TASKS = {1: ("Paint <fence>", False), 2: ("Water & weed", True)}


class Page(View):
    methods = ["GET"]
    template: str

    def context(self, **arguments):
        return {}

    def dispatch_request(self, **arguments):
        return render_template(self.template, **self.context(**arguments))


class Board(Page):
    template = "board.html"

    def context(self):
        return {"tasks": TASKS}


class Task(Page):
    template = "task.html"

    def context(self, number):
        if number not in TASKS:
            raise NotFound("There is no such task.")
        text, done = TASKS[number]
        return {"text": text, "done": done}


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.add_url_rule("/", view_func=Board.as_view("board"))
    app.add_url_rule("/tasks/<int:number>", view_func=Task.as_view("task"))

    @app.before_request
    def choose():
        g.partial = request.headers.get("X-Partial") == "1"

    @app.context_processor
    def layout():
        return {"layout": "partial.html" if g.get("partial") else "full.html"}

    @app.after_request
    def vary(response):
        response.vary.add("X-Partial")
        return response

    @app.errorhandler(NotFound)
    def missing(error):
        return render_template("problem.html", error=error), error.code

    return app
