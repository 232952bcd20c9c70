from flask import render_template

from metering import app, readings


@app.route("/")
def overview():
    table = {m: readings.of(m) for m in readings.meters()}
    return render_template("overview.html", table=table)


@app.cli.command("dump")
def dump():
    """Print all readings."""
    for meter in readings.meters():
        print(meter, *readings.of(meter))
