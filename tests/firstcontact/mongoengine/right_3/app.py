"""Deutsch: Rezepte. Der Schlüssel der Einstellungen heißt MONGO; die Liste ist eine Aggregation."""
import secrets

import mongoengine
from bson import ObjectId
from flask import Flask, Response, current_app, json, request
from mongoengine import connection
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.utils import import_string

zuletzt = []


class Quelle(mongoengine.EmbeddedDocument):
    buch = mongoengine.StringField(max_length=80)
    seite = mongoengine.IntField(min_value=1)


class Rezept(mongoengine.Document):
    bezeichnung = mongoengine.StringField(required=True)
    minuten = mongoengine.IntField()
    zutaten = mongoengine.ListField(mongoengine.StringField())
    quelle = mongoengine.EmbeddedDocumentField(Quelle)
    geaendert = mongoengine.IntField(default=0)

    @classmethod
    def _get_db(cls):
        return connection.get_db(current_app.extensions["mongo"] if current_app else zuletzt[-1])

    @classmethod
    def _get_collection(cls):
        return cls._get_db().get_collection("rezepte")

    def clean(self):
        if self.bezeichnung is not None and not str(self.bezeichnung).strip():
            raise mongoengine.ValidationError("leer", errors={"bezeichnung": "leer"})


def antwort(daten, status=200):
    return Response(json.dumps(daten, ensure_ascii=False), status, content_type="application/json; charset=utf-8")


def darstellung(roh):
    return {
        "id": str(roh["_id"]), "bezeichnung": roh["bezeichnung"], "minuten": roh.get("minuten"),
        "zutaten": roh.get("zutaten", []), "quelle": roh.get("quelle"), "geaendert": roh.get("geaendert", 0),
    }


def eingabe():
    daten = request.get_json()
    if not isinstance(daten, dict):
        raise BadRequest()
    felder = {name: daten[name] for name in ("bezeichnung", "minuten", "zutaten", "quelle") if name in daten}
    if felder.get("quelle") is not None:
        try:
            felder["quelle"] = Quelle(**felder["quelle"])
        except (TypeError, mongoengine.errors.FieldDoesNotExist):
            raise BadRequest() from None
    return felder


def suche(id):
    rezept = Rezept.objects(id=ObjectId(id)).first() if ObjectId.is_valid(id) else None
    if rezept is None:
        raise NotFound()
    return rezept


def create_app(config=None):
    app = Flask(__name__)
    app.config["MONGO"] = {"db": "kueche"}
    app.config.from_mapping(config)
    einstellungen = dict(app.config["MONGO"])
    if isinstance(einstellungen.get("mongo_client_class"), str):
        einstellungen["mongo_client_class"] = import_string(einstellungen["mongo_client_class"])
    name = einstellungen["alias"] = app.extensions["mongo"] = secrets.token_hex(8)
    mongoengine.connect(**einstellungen)
    zuletzt.append(name)

    @app.errorhandler(OverflowError)
    @app.errorhandler(mongoengine.ValidationError)
    def ungueltig(fehler):
        return antwort({"fehler": str(fehler)}, 422)

    @app.get("/impressum")
    def impressum():
        return "<p>Küche"

    @app.get("/rezepte")
    def liste():
        stufen = [{"$sort": {"_id": -1}}]
        if (hoechstens := request.args.get("hoechstens")) is not None:
            try:
                stufen.insert(0, {"$match": {"minuten": {"$lte": int(hoechstens)}}})
            except ValueError:
                raise BadRequest() from None
        return antwort([darstellung(roh) for roh in Rezept._get_collection().aggregate(stufen)])

    @app.post("/rezepte/neu")
    def neu():
        rezept = Rezept(**eingabe())
        rezept.save()
        return antwort(darstellung(rezept.reload().to_mongo()))

    @app.get("/rezepte/<id>")
    def zeige(id):
        return antwort(darstellung(suche(id).to_mongo()))

    @app.route("/rezepte/<id>", methods=["PUT", "PATCH"])
    def aendere(id):
        rezept = suche(id)
        for name, wert in eingabe().items():
            setattr(rezept, name, wert)
        rezept.validate(clean=True)
        rezept.geaendert += 1
        rezept.save()
        return "", 204

    @app.delete("/rezepte/<id>")
    def loesche(id):
        if ObjectId.is_valid(id):  # wer löscht, was es nicht gibt, hat, was er wollte
            Rezept.objects(id=ObjectId(id)).delete()
        return "", 204

    return app
