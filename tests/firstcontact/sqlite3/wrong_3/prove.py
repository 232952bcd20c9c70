import os
import tempfile

import app as module

tmp = tempfile.mkdtemp()


def make(name="notes.db"):
    app = module.create_app({"DATABASE": os.path.join(tmp, name)})
    with app.app_context():
        module.init_db()
    return app


client = make().test_client()
for text in ["one", "two"]:
    client.post("/notes", data={"body": text})
assert client.get("/notes/find", query_string={"body": '" or ""="'}).text.count("<li>") == 0
assert client.get("/notes/find", query_string={"body": "one"}).text.count("<li>") == 1
text = client.get("/notes/find", query_string={"body": "body"}).text
assert text.count("<li>") == 2
print("a search for the column's name shows every row:", text)
