import os
import tempfile

import app as module

tmp = tempfile.mkdtemp()


def make(name="notes.db"):
    app = module.create_app({"DATABASE": os.path.join(tmp, name)})
    with app.app_context():
        module.init_db()
    return app


one = make("one.db")
app_two = module.create_app({"DATABASE": os.path.join(tmp, "two.db")})
one.test_client().post("/notes", data={"body": "of the first"})
text = app_two.test_client().get("/notes").text
assert "of the first" in text
print("the second app shows the first app's rows:", text)
