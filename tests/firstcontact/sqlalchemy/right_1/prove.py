import tempfile
import threading

import app as module


def make(name="plants.db", key="SQLALCHEMY_DATABASE_URI"):
    app = module.create_app({key: f"sqlite:///{tempfile.mkdtemp()}/{name}"})
    with app.app_context():
        module.init_db()
    return app


app = make()
client = app.test_client()

assert client.post("/songs", data={"song": "Ода\U0001f3b5"}).status_code == 201
assert client.post("/songs", data={"song": "Ода\U0001f3b5"}).status_code == 422
assert client.post("/songs/broken", data={"song": "lost"}).status_code == 500
assert [s["heading"] for s in client.get("/songs").json["songs"]] == ["Ода\U0001f3b5"]
assert len(client.get("/songs/search", query_string={"song": "Ода\U0001f3b5"}).json["songs"]) == 1
assert client.get("/songs/search?song=%25").json["songs"] == []
assert client.get("/songs.ndjson").text.count("\n") == 1
assert make().test_client().get("/songs").json == {"songs": []}
with app.app_context():
    data = module.snapshot()
    assert module.db.engine.pool.checkedout() == 1
    module.db.session.remove()
    assert module.db.engine.pool.checkedout() == 0
assert data[0]["heading"].startswith("Ода")
print("ok")
