from guestbook import app
from guestbook.entries import ENTRIES


@app.route("/entries.json")
def entries_json():
    return [{"name": n, "text": t} for n, t in ENTRIES]
