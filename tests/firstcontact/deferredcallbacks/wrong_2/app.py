"""A reading room with a colour theme for each visitor."""
from flask import Flask, g, render_template, request

THEMES = ["light", "dark", "sepia"]


class Deferred:
    def __init__(self):
        self.functions = []

    def add(self, function):
        self.functions.append(function)
        return function

    def run(self, response):
        functions, self.functions = self.functions, []
        for function in functions:
            response = function(response)
        return response

    def init_app(self, app):
        app.after_request(self.run)


deferred = Deferred()
after_this_request = deferred.add
init_app = deferred.init_app


def choose_theme():
    theme = request.cookies.get("theme")
    if theme not in THEMES:
        theme = request.headers.get("X-Theme", "")
        if theme not in THEMES:
            theme = "light"

        @after_this_request
        def remember(response):
            response.set_cookie("theme", theme, samesite="Lax")
            return response

    g.theme = theme


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    init_app(app)
    app.before_request(choose_theme)

    @app.get("/")
    def room():
        return render_template("room.html")

    @app.get("/books")
    def books():
        return {"theme": g.theme, "books": ["Emma", "Effi Briest"]}

    return app
