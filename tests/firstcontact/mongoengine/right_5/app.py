"""Small whole numbers as ids; a document is a version, written only if nobody else was faster."""
import mongoengine as me
from flask import Flask, abort, current_app, jsonify, request
from mongoengine.connection import get_db
from pymongo import ReturnDocument
from werkzeug.utils import import_string

registered = {}


def alias():
    return current_app.extensions["alias"] if current_app else list(registered)[-1]


class Position(me.EmbeddedDocument):
    lat = me.FloatField(min_value=-90, max_value=90)
    lon = me.FloatField(min_value=-180, max_value=180)


class Station(me.Document):
    number = me.IntField(primary_key=True)
    label = me.StringField(required=True, regex=r"(?s)^.*\S")
    platforms = me.IntField()
    lines = me.ListField(me.StringField())
    position = me.EmbeddedDocumentField(Position)
    version = me.IntField(default=1)

    @classmethod
    def _get_db(cls):
        return get_db(alias())

    @classmethod
    def _get_collection(cls):
        return cls._get_db()["stations"]

    def save(self, *args, **kwargs):
        if self.number is None:
            self.validate_fields()
            self.number = self._get_db()["counters"].find_one_and_update(
                {"_id": "stations"}, {"$inc": {"n": 1}}, upsert=True, return_document=ReturnDocument.AFTER
            )["n"]
            kwargs["force_insert"] = True
        return super().save(*args, **kwargs)

    def validate_fields(self):
        copy = Station(**{name: self[name] for name in self._fields if name != "number"}, number=0)
        copy.validate()


def view(station):
    return {
        "id": station.number, "label": station.label, "platforms": station.platforms, "lines": list(station.lines),
        "position": {"lat": station.position.lat, "lon": station.position.lon} if station.position else None,
        "version": station.version,
    }


def body():
    data = request.get_json()
    if not isinstance(data, dict):
        abort(400)
    data = {key: value for key, value in data.items() if key in ("label", "platforms", "lines", "position")}
    if data.get("position") is not None:
        if not isinstance(data["position"], dict) or data["position"].keys() - {"lat", "lon"}:
            abort(400)
        data["position"] = Position(**data["position"])
    return data


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping({"MONGODB_SETTINGS": {"db": "rail"}} | dict(config or {}))
    settings = dict(app.config["MONGODB_SETTINGS"])
    if isinstance(settings.get("mongo_client_class"), str):
        settings["mongo_client_class"] = import_string(settings["mongo_client_class"])
    name = f"rail/{len(registered)}"
    registered[name] = settings
    app.extensions["alias"] = name
    me.connect(**(settings | {"alias": name}))

    def find(number):
        station = Station.objects(number=number).first() if number < 2**31 else None
        return station or abort(404)

    @app.errorhandler(OverflowError)
    @app.errorhandler(me.ValidationError)
    def invalid(error):
        return jsonify(error=str(error)), 400

    @app.get("/about")
    def about():
        return jsonify(name="rail")

    @app.get("/stations")
    def stations():
        query = Station.objects.order_by("number")
        for name in ("line", "label"):
            if name in request.args:
                query = query.filter(**{"lines" if name == "line" else name: request.args[name]})
        return jsonify([view(station) for station in query.batch_size(50)])

    @app.post("/stations")
    def create():
        station = Station(**body()).save()
        answer = jsonify(view(station))
        answer.status_code = 201
        answer.headers["Location"] = f"/stations/{station.number}"
        return answer

    @app.get("/stations/<int:number>")
    def station(number):
        answer = jsonify(view(found := find(number)))
        answer.set_etag(str(found.version))
        return answer.make_conditional(request)

    @app.patch("/stations/<int:number>")
    def change(number):
        changes = body()
        for _ in range(10):
            station = find(number)
            if request.if_match and not request.if_match.contains_raw(f'"{station.version}"') and "*" not in request.headers["If-Match"]:
                abort(412)
            before = station.version
            for name, value in changes.items():
                station[name] = value
            station.version = before + 1
            try:
                station.save(save_condition={"version": before})
            except me.SaveConditionError:
                continue
            return jsonify(view(station))
        abort(503)

    @app.delete("/stations/<int:number>")
    def delete(number):
        find(number).delete()
        return "", 204

    return app
