from flask import abort, render_template

from helpdesk import app
from helpdesk.tickets import ALL


@app.route("/")
def index():
    return render_template("index.html", tickets=ALL)


@app.route("/tickets/<int:number>")
def show(number):
    for ticket in ALL:
        if ticket.number == number:
            return render_template("ticket.html", ticket=ticket)
    abort(404)
