"""Gives each app a project with two members."""

from __future__ import annotations

from typing import Any


def open_project(app: Any) -> None:
    from ihatemoney.models import Person, Project, db
    from werkzeug.security import generate_password_hash

    with app.app_context():
        # One round: the clauses log in a thousand times.
        password = generate_password_hash("ski", method="pbkdf2:sha256:1")
        trip = Project(
            id="trip",
            name="Trip",
            password=password,
            contact_email="ada@example.org",
            default_currency="XXX",
        )
        db.session.add(trip)
        for name in ("Ada", "Grace"):
            db.session.add(Person(name=name, project=trip))
        db.session.commit()


def members() -> list[str]:
    from ihatemoney.models import Person

    return [each.name for each in Person.query.all()]
