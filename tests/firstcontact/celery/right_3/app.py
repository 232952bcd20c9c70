"""Bestellungen mit Postausgang: what is to be done is stored in the same transaction as the order."""
import sqlite3
from contextlib import closing
from pathlib import Path

from celery import Celery, Task, shared_task
from flask import Flask, current_app, request
from flask.views import MethodView

made = []


def init_celery(app):
    class TaskInContext(Task):
        def __call__(self, *args, **kwargs):
            context = app.app_context()
            context.push()
            try:
                return self.run(*args, **kwargs)
            finally:
                context.pop()

    celery = Celery("shop", task_cls=TaskInContext)
    celery.config_from_object(app.config["CELERY"])
    celery.set_default()
    app.extensions["celery"] = celery
    return celery


def connect(path=None):
    return closing(sqlite3.connect(path or Path(current_app.config["DATA"]) / "shop.db", timeout=20))


@shared_task(name="shop.total", ignore_result=False)
def total(*prices):
    return sum(prices)


@shared_task(name="shop.dispatch", acks_late=True)
def dispatch(order):
    with connect() as db, db:
        db.execute("INSERT OR IGNORE INTO parcel (number) VALUES (?)", (order,))


def post_out():
    """Sends what is in the outbox; what a crash left there goes out with the next request."""
    celery = current_app.extensions["celery"]
    with connect() as db:
        for number, order in db.execute("SELECT number, order_number FROM outbox ORDER BY number").fetchall():
            with db:
                taken = db.execute("DELETE FROM outbox WHERE number = ?", (number,)).rowcount
            if taken:  # by this request, not by another one at the same time
                try:
                    celery.tasks["shop.dispatch"].delay(order)
                except Exception:  # the broker is away: later
                    with db:
                        db.execute("INSERT INTO outbox VALUES (?, ?)", (number, order))
                    raise


class Total(MethodView):
    def post(self):
        job = current_app.extensions["celery"].tasks["shop.total"].delay(
            *(request.form.get(name, 0, int) for name in ("net", "tax", "postage"))
        )
        return {"auftrag": {"nummer": job.id}, "nummer": job.id}

    def get(self, number):
        job = current_app.extensions["celery"].AsyncResult(number)
        over, well = job.ready(), job.successful()
        return {"fertig": over, "gut": well, "summe": job.result if well else None, "fehler": str(job.result) if over and not well else None}


class Orders(MethodView):
    def post(self):
        with connect() as db, db:
            number = db.execute("INSERT INTO orders (article) VALUES (?)", (request.form["article"],)).lastrowid
            db.execute("INSERT INTO outbox (order_number) VALUES (?)", (number,))
            if request.form.get("stock") == "none":
                db.execute("INSERT INTO orders (article) VALUES (NULL)")
        post_out()
        return "", 201


def create_app(config=None):
    app = Flask(__name__)
    app.config["DATA"] = "data"
    app.config.from_mapping(config or {})
    data = Path(app.config["DATA"])
    for name in ("queue", "control", "results"):
        (data / name).mkdir(parents=True, exist_ok=True)
    app.config.setdefault("CELERY", {
        "broker_url": "filesystem://",
        "broker_transport_options": {
            "data_folder_in": str(data / "queue"), "data_folder_out": str(data / "queue"),
            "control_folder": str(data / "control"),
        },
        "result_backend": f"file://{(data / 'results').absolute()}",
        "task_ignore_result": True,
    })
    init_celery(app)
    with app.app_context(), connect() as db:
        db.executescript("""
            CREATE TABLE IF NOT EXISTS orders (number INTEGER PRIMARY KEY, article TEXT NOT NULL);
            CREATE TABLE IF NOT EXISTS outbox (number INTEGER PRIMARY KEY AUTOINCREMENT, order_number INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS parcel (number INTEGER PRIMARY KEY);
        """)
    made.append(data / "shop.db")
    total_view = Total.as_view("total")
    app.add_url_rule("/total", view_func=total_view, methods=["POST"])
    app.add_url_rule("/total/<number>", view_func=total_view, methods=["GET"])
    app.add_url_rule("/orders", view_func=Orders.as_view("orders"))
    return app


def ordered(number):
    with connect(made[-1]) as db:
        return db.execute("SELECT count(*) FROM orders WHERE number = ?", (number,)).fetchone()[0] == 1


def parcels():
    with connect(made[-1]) as db:
        return [n for (n,) in db.execute("SELECT number FROM parcel")]


def sum_of(*numbers):
    return sum(numbers)
