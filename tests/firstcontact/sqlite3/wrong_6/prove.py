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
assert client.post("/notes/broken", data={"body": "half done"}).status_code == 500
client.post("/notes", data={"body": "whole"})
text = client.get("/notes").text
assert "half done" in text
print("the next request commits what the failed one had left:", text)
