import threading
from app import create_app
app = create_app()
inside, leave = threading.Event(), threading.Event()
@app.get("/slow")
def slow():
    inside.set(); leave.wait(5)
    return "slow"
got = {}
def first(): got["first"] = app.test_client().get("/slow", headers={"X-Theme": "dark"}).headers.getlist("Set-Cookie")
t = threading.Thread(target=first); t.start(); inside.wait(5)
got["second"] = app.test_client().get("/", headers={"X-Theme": "sepia"}).headers.getlist("Set-Cookie")
leave.set(); t.join()
assert got["first"] == [] and len(got["second"]) == 2
print(got)
