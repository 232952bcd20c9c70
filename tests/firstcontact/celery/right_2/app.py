"""Members in SQLAlchemy; tasks that were asked for in a transaction start when it is committed."""
from celery import Celery, Task, shared_task
from flask import Flask, current_app, has_app_context, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event

db = SQLAlchemy()
latest = None


class Member(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.Text, nullable=False)


class Badge(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    member_id = db.Column(db.ForeignKey(Member.id), nullable=False)


def mine(task):
    """The task as this Flask app's Celery app has it, whichever was made the default last."""
    return current_app.extensions["celery"].tasks[task.name]


def start_on_commit(task, *args):
    db.session().info.setdefault("tasks", []).append((task, args))


@event.listens_for(db.session, "after_commit")
def start(session):
    for task, args in session.info.pop("tasks", []):
        mine(task).delay(*args)


@event.listens_for(db.session, "after_rollback")
def forget(session):
    session.info.pop("tasks", None)


def celery_init_app(app: Flask) -> Celery:
    class FlaskTask(Task):
        def __call__(self, *args, **kwargs):
            with app.app_context():
                return self.run(*args, **kwargs)

    celery_app = Celery(app.name, task_cls=FlaskTask)
    celery_app.config_from_object(app.config["CELERY"])
    celery_app.set_default()
    app.extensions["celery"] = celery_app
    return celery_app


@shared_task(ignore_result=False, bind=True)
def multiply(self, a, b):
    return a * b


@shared_task
def make_badge(member_id):
    db.session.add(Badge(member_id=db.session.get(Member, member_id).id))
    db.session.commit()


def create_app(config=None):
    global latest
    app = Flask(__name__)
    app.config.update(
        SQLALCHEMY_DATABASE_URI="sqlite:///:memory:",
        CELERY={"broker_url": "memory://", "result_backend": "cache+memory://", "task_ignore_result": True},
    )
    app.config.from_mapping(config or {})
    db.init_app(app)
    celery_init_app(app)
    with app.app_context():
        db.create_all()
    latest = app

    @app.route("/product", methods=["POST"])
    def product():
        return {"result_id": mine(multiply).apply_async(kwargs={k: int(request.form[k]) for k in "ab"}).id}

    @app.route("/product/<id>")
    def show(id):
        result = app.extensions["celery"].AsyncResult(id)
        if not result.ready():
            return {"ready": False, "successful": False, "value": None}
        if result.failed():
            return {"ready": True, "successful": False, "value": str(result.result)}
        return {"ready": True, "successful": True, "value": result.result}

    @app.route("/members", methods=["POST"])
    def join():
        member = Member(name=request.form["name"])
        db.session.add(member)
        db.session.flush()
        start_on_commit(make_badge, member.id)
        if request.form.get("coupon"):
            raise LookupError("coupon")
        db.session.commit()
        return {"id": member.id}

    return app


def context():
    return current_app.app_context() if has_app_context() else latest.app_context()


def stored(member_id):
    with context():
        return db.session.get(Member, member_id) is not None


def badges():
    with context():
        return list(db.session.scalars(db.select(Badge.member_id)))
