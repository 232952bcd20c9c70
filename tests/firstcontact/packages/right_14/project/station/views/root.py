from flask import url_for

from station import app


@app.get("/")
def root():
    return {"readings": url_for("readings"), "health": url_for("health")}
