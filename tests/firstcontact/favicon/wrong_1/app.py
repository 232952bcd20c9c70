"""Garden diary: months and days."""
from flask import Flask, abort, render_template, send_from_directory

app = Flask(__name__)
DIARY = {"may": {3: "Sowed beans.", 9: "Slugs."}, "june": {1: "Poppies."}}


@app.get("/")
def index():
    return render_template("index.html", months=list(DIARY))


@app.get("/months/<month>/")
def month(month):
    if month not in DIARY:
        abort(404)
    return render_template("month.html", month=month, days=DIARY[month])


@app.get("/months/<month>/<int:day>")
def day(month, day):
    try:
        text = DIARY[month][day]
    except KeyError:
        abort(404)
    return render_template("day.html", month=month, day=day, text=text)


@app.get("/favicon.ico")
def favicon():
    return send_from_directory(app.static_folder, "favicon.ico", mimetype="image/vnd.microsoft.icon")
