from planner import app
from planner.roster import SHIFTS


@app.get("/shifts.json")
def feed():
    return {"shifts": SHIFTS}
