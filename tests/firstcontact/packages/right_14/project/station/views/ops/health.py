from sqlalchemy import text

from station import app
from station.db import db


@app.get("/healthz")
def health():
    db.session.execute(text("select 1"))
    return "", 204
