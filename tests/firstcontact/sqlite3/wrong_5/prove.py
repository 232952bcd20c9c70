import os
import tempfile

import app as module

tmp = tempfile.mkdtemp()


def make(name="notes.db"):
    app = module.create_app({"DATABASE": os.path.join(tmp, name)})
    with app.app_context():
        module.init_db()
    return app


app = make()
client = app.test_client()
for number in range(30):
    client.post("/notes", data={"body": f"note {number}"})
assert client.get("/notes").text.count("<li>") == 30
lines = client.get("/notes.txt").text.splitlines()
assert len(lines) < 30
print("30 rows, streamed:", len(lines))
