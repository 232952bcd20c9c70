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
app.logger.disabled = True
client = app.test_client()
answer = client.post("/notes/broken", data={"body": "half done"})
assert answer.status_code == 500, answer.status
text = client.get("/notes").text
assert "half done" in text
print("the failed request's row was committed:", text)
