import tempfile

import app as module
from celery import Task

app = module.create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tempfile.mkdtemp()}/m.db"})
client = app.test_client()
sent = []
original = Task.apply_async


def spy(self, args=None, kwargs=None, **options):
    if self.name.endswith("make_badge"):
        sent.append((args, module.stored(*args)))
    return original(self, args, kwargs, **options)


Task.apply_async = spy
assert client.post("/members", data={"name": "ada"}).status_code == 200
assert client.post("/members", data={"name": "ada", "coupon": "x"}).status_code == 500
assert client.post("/members", data={"name": "bob"}).status_code == 200
assert [stored for _, stored in sent] == [True, True], sent
with app.app_context():
    try:
        module.db.session.add(module.Member(name="x"))
        module.db.session.flush()
        module.start_on_commit(module.make_badge, 1)
        module.db.session.rollback()
    finally:
        module.db.session.commit()
assert len(sent) == 2
app.extensions["celery"].conf.task_always_eager = True
id = client.post("/members", data={"name": "eve"}).json["id"]
assert module.badges() == [id]
print("ok")
