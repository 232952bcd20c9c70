from app import app
import newsletter.jobs
from building import run

assert newsletter.jobs.app is not app
c = app.test_client()
assert c.get("/").status_code == 200
assert c.post("/subscribe", data={"email": "ada@example.com"}).status_code == 201
assert c.get("/status").json == {"waiting": 0}        # it waits in the other application
assert len(newsletter.jobs.app.extensions["outbox"]) == 1
r = run("import flask; n = []; i = flask.Flask.__init__\n"
        "def init(self, *a, **k): n.append(1); i(self, *a, **k)\n"
        "flask.Flask.__init__ = init\nimport newsletter; print(len(n))")
assert r.stdout.strip() == "2", r
print("proved")
