"""Directory of a street market."""
from flask import Flask, abort, render_template
from flask.views import View

STALLS = {"ayse": "Olives", "bruno": "Cheese", "chi": "Dumplings"}


class Page(View):
    def __init__(self, template):
        self.template = template

    def values(self, **arguments):
        return {}

    def dispatch_request(self, **arguments):
        return render_template(self.template, **self.values(**arguments))


class Stalls(Page):
    def values(self):
        return {"stalls": STALLS}


class Stall(Page):
    def values(self, keeper):
        if keeper not in STALLS:
            abort(404)
        return {"keeper": keeper.title(), "goods": STALLS[keeper]}


app = Flask(__name__)
app.add_url_rule("/", view_func=Stalls.as_view("stalls", "stalls.html"))
app.add_url_rule("/stalls/<keeper>", view_func=Stall.as_view("stall", "stall.html"))
app.add_url_rule("/hours", view_func=Page.as_view("hours", "hours.html"))


@app.errorhandler(404)
def not_found(error):
    return render_template("not_found.html")
