from . import app


@app.get("/api/status")
def status():
    return {"status": "ok"}
