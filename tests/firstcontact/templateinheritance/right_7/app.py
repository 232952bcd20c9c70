"""A club with themes: templates end in .j2, come from two folders, and escaping is on for them."""
import jinja2
from flask import Flask, abort, current_app, render_template, request
from flask.templating import DispatchingJinjaLoader
from flask.views import MethodView

EVENTS = {1: ("Chess & tea", "Bring <your> board."), 2: ("Go evening", "Beginners welcome.")}


class ClubApp(Flask):
    def select_jinja_autoescape(self, filename):
        if filename is None:
            return True
        return super().select_jinja_autoescape(filename.removesuffix(".j2"))

    def create_global_jinja_loader(self):
        theme = jinja2.FileSystemLoader(f"{self.root_path}/themes/{self.config['THEME']}")
        default = jinja2.FileSystemLoader(f"{self.root_path}/themes/default")
        return jinja2.ChoiceLoader([theme, default, DispatchingJinjaLoader(self)])


class Page(MethodView):
    template = None

    def context(self, **arguments):
        return arguments

    def get(self, **arguments):
        return render_template(self.template, **self.context(**arguments))


class Events(Page):
    template = "events.html.j2"

    def context(self):
        query = request.args.get("q", "")
        found = {k: e for k, e in EVENTS.items() if query.lower() in e[0].lower()}
        return {"events": found, "query": query}


class Event(Page):
    template = "event.html.j2"

    def context(self, id):
        name, text = EVENTS.get(id) or abort(404)
        return {"name": name, "text": text}


def create_app(config=None):
    app = ClubApp(__name__, template_folder=None)
    app.config["THEME"] = "night"
    app.config.update(config or {})
    app.add_url_rule("/club/events", view_func=Events.as_view("events"))
    app.add_url_rule("/club/events/<int:id>", view_func=Event.as_view("event"))

    @app.errorhandler(404)
    def not_found(error):
        return render_template("not-found.html.j2", path=request.path), 404

    @app.context_processor
    def club():
        return {"club": "The Club", "theme": current_app.config["THEME"]}

    return app
