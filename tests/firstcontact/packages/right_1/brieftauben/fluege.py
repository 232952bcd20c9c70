from flask import render_template
from flask.views import View

from . import app
from .daten import FLUEGE


class Fluege(View):
    def dispatch_request(self):
        return render_template("fluege.html", fluege=FLUEGE)


app.add_url_rule("/fluege", view_func=Fluege.as_view("fluege"))
