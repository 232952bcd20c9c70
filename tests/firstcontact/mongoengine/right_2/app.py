"""Async views; the blocking driver runs in threads. The id is a UUID that the app gives."""
import asyncio
import uuid

import mongoengine as me
from flask import Flask, abort, current_app, request
from mongoengine.connection import get_db
from werkzeug.utils import import_string

default_alias = None


class Address(me.EmbeddedDocument):
    street = me.StringField()
    zip = me.StringField()


class Person(me.Document):
    id = me.UUIDField(primary_key=True, default=uuid.uuid4, binary=False)
    name = me.StringField(required=True)
    born = me.IntField()
    languages = me.ListField(me.StringField())
    address = me.EmbeddedDocumentField(Address)

    @classmethod
    def _get_db(cls):
        return get_db(current_app.config["ALIAS"] if current_app else default_alias)

    @classmethod
    def _get_collection(cls):
        return cls._get_db()["person"]

    def json(self):
        return {
            "id": str(self.id), "name": self.name, "born": self.born, "languages": [*self.languages],
            "address": self.address and {"street": self.address.street, "zip": self.address.zip},
        }


ALLOWED = {"name", "born", "languages", "address"}


def read():
    data = request.get_json()
    if type(data) is not dict or set(data) - ALLOWED:
        abort(400, "fields")
    address = data.get("address")
    if address is not None:
        if type(address) is not dict or set(address) - {"street", "zip"}:
            abort(400, "address")
        data["address"] = Address(**address)
    return data


async def load(text):
    try:
        key = uuid.UUID(text)
    except ValueError:
        abort(404)
    person = await asyncio.to_thread(Person.objects(id=key).first)
    if person is None:
        abort(404)
    return person


def create_app(config=None):
    global default_alias
    app = Flask(__name__)
    app.config.from_mapping({"MONGODB_SETTINGS": {"db": "people"}, **(config or {})})
    settings = dict(app.config["MONGODB_SETTINGS"])
    if isinstance(settings.get("mongo_client_class"), str):
        settings["mongo_client_class"] = import_string(settings["mongo_client_class"])
    default_alias = app.config["ALIAS"] = settings["alias"] = uuid.uuid4().hex
    me.connect(**settings)

    @app.errorhandler(OverflowError)
    @app.errorhandler(me.ValidationError)
    async def refused(error):
        return {"error": str(error)}, 400

    @app.route("/")
    async def front():
        return "people"

    @app.route("/people")
    async def people():
        born = request.args.get("born")
        query = Person.objects
        if born is not None:
            try:
                query = query(born=int(born))
            except ValueError:
                abort(400)
        return {"people": await asyncio.to_thread(lambda: [person.json() for person in query])}

    @app.route("/people", methods=["POST"])
    async def create():
        person = Person(**read())
        await asyncio.to_thread(person.save, force_insert=True)
        return person.json(), 201

    @app.route("/people/<id>")
    async def show(id):
        return (await load(id)).json()

    @app.route("/people/<id>", methods=["POST"])
    async def change(id):
        person = await load(id)
        for name, value in read().items():
            setattr(person, name, value)
        await asyncio.to_thread(person.save)
        return person.json()

    @app.route("/people/<id>/remove", methods=["POST"])
    async def remove(id):
        person = await load(id)
        await asyncio.to_thread(person.delete)
        return {"removed": str(person.id)}

    return app
