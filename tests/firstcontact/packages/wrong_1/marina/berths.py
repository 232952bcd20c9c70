from flask import abort, render_template

from marina import app, store


@app.route("/")
def index():
    return render_template("index.html", berths=store.BERTHS, free=store.free)


@app.route("/berths/<berth>")
def berth(berth):
    if berth not in store.BERTHS:
        abort(404)
    return render_template("berth.html", berth=berth, metres=store.BERTHS[berth])
