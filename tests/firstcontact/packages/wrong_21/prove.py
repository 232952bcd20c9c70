import sys
from app import app
from building import run

c = app.test_client()
assert c.get("/").status_code == 200
assert c.post("/tickets", data={"text": "printer"}, follow_redirects=True).status_code == 200
assert "desk_views" in sys.modules and "tickets.desk_views" not in sys.modules
r = run("import tickets.desk_views")
assert "overwriting an existing endpoint function: index" in r.stderr, r.stderr
r = run("from tickets.desk_store import store; store.add('x'); import desk_store; assert desk_store.store is not store")
assert r.returncode == 0, r.stderr
print("proved")
