from app import get_db
from celery import shared_task


@shared_task(ignore_result=False)
def add_together(a: int, b: int) -> int:
    return a + b


@shared_task
def send_welcome(name: str) -> None:
    db = get_db()
    (found,) = db.execute("select name from member where name = ?", [name]).fetchone()
    db.execute("insert into mail (recipient) values (?)", [found])
    db.commit()
