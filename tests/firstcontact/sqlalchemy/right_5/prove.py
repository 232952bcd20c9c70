import tempfile
import threading

import app as module


def make(name="plants.db", key="DB"):
    app = module.create_app({key: f"sqlite:///{tempfile.mkdtemp()}/{name}"})
    with app.app_context():
        module.init_db()
    return app


app = make()
client = app.test_client()

nasty = "a\0b ü \U0001f3b5"
assert client.post("/lines", data={"content": nasty}).json == [nasty] and client.post("/lines", data={"content": nasty}).status_code == 409
assert client.post("/lines/abort", data={"content": "lost"}).status_code == 418
assert client.post("/lines/core", data={"content": "core"}).status_code == 200 and client.post("/lines/core", data={"content": "core"}).status_code == 409
assert client.get("/lines").json == [nasty, "core"] == client.get("/lines/stream").text.rstrip("\n").split("\n")
assert client.get("/lines/is", query_string={"content": nasty}).json == [nasty] and client.get("/lines/is?content=a").json == []
assert make().test_client().get("/lines").json == []
with app.app_context():
    data = module.store.contents()
    assert module.db_session.registry.has()
assert not module.db_session.registry.has() and app.extensions["database"].pool.checkedout() == 0
assert app.test_cli_runner().invoke(args=["init-db"]).exit_code == 0
print("ok")
