"""Members of a choir, with a small API for the seating plan."""
from dataclasses import asdict, dataclass

from flask import Flask, abort, jsonify, render_template
from werkzeug.security import check_password_hash, generate_password_hash


@dataclass
class Member:
    id: int
    name: str
    voice: str
    password: str

    def check(self, password):
        return check_password_hash(self.password, password)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    members = {
        m.id: m
        for m in (
            Member(1, "Ada", "alto", generate_password_hash("mill", "pbkdf2:sha256:1000")),
            Member(2, "Zoë", "soprano", generate_password_hash("lake", "pbkdf2:sha256:1000")),
        )
    }

    @app.get("/")
    def plan():
        voices = sorted({m.voice for m in members.values()})
        return render_template("plan.html", voices=voices)

    @app.get("/members")
    def member_list():
        return jsonify([{"id": m.id, "name": m.name} for m in members.values()])

    @app.get("/members/<int:id>")
    def member(id):
        if id not in members:
            abort(404)
        return asdict(members[id])

    return app
