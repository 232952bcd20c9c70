"""Ein Gästebuch. Die Datenbank ist eine kleine Erweiterung; die Seiten sind Klassen."""
import sqlite3
from pathlib import Path

from flask import Flask, current_app, g, render_template_string, request, stream_with_context
from flask.views import MethodView
from werkzeug.local import LocalProxy

SEITE = """<!doctype html><html lang="de"><title>Gästebuch</title>
<ol>{% for e in eintraege %}<li>{{ e["spruch"] }}{% else %}<li>Noch nichts{% endfor %}</ol>"""


class Datenbank:
    def init_app(self, app):
        app.config.setdefault("BUCH_DATEI", "buch.sqlite")
        app.extensions["datenbank"] = self
        app.teardown_appcontext(self.schliessen)

    def verbindung(self):
        try:
            return g.datenbank
        except AttributeError:
            datei = Path(current_app.config["BUCH_DATEI"])
            datei.parent.mkdir(parents=True, exist_ok=True)
            g.datenbank = sqlite3.connect(datei, timeout=20)
            g.datenbank.row_factory = sqlite3.Row
            g.datenbank.execute("pragma foreign_keys = on")
            return g.datenbank

    def schliessen(self, fehler):
        if (verbindung := g.pop("datenbank", None)) is not None:
            verbindung.close()

    def frage(self, sql, werte=(), eine=False):
        zeiger = self.verbindung().execute(sql, werte)
        try:
            return zeiger.fetchone() if eine else zeiger.fetchall()
        finally:
            zeiger.close()


datenbank = Datenbank()
db = LocalProxy(datenbank.verbindung)


def anlegen():
    db.executescript(
        "create table eintrag (nr integer primary key, spruch text not null, wann text default current_timestamp);"
    )
    db.commit()


def fragen(query, args=(), one=False):
    return datenbank.frage(query, args, one)


class Buch(MethodView):
    def get(self):
        return render_template_string(SEITE, eintraege=datenbank.frage("select spruch from eintrag order by nr"))

    def post(self):
        with db:  # commit, or rollback where it raises
            nr = db.execute("insert into eintrag (spruch) values (:spruch)", {"spruch": request.form["spruch"]}).lastrowid
        return f"Eintrag {nr} gespeichert", 201, {"Location": f"/buch#{nr}"}


class Suche(MethodView):
    def get(self):
        gefunden = datenbank.frage("select spruch from eintrag where spruch = ?", (request.args["spruch"],))
        return render_template_string(SEITE, eintraege=gefunden)


class Panne(MethodView):
    def post(self):
        with db:
            db.execute("insert into eintrag (spruch) values (?)", (request.form["spruch"],))
            return str(1 / 0)


class Band(MethodView):
    def get(self):
        @stream_with_context
        def zeilen():
            for (spruch,) in db.execute("select spruch from eintrag order by nr"):
                yield spruch + "\r\n"

        return zeilen(), 200, {"Content-Type": "text/plain; charset=utf-8"}


def create_app(config=None):
    app = Flask(__name__)
    app.config.update(config or {})
    datenbank.init_app(app)
    app.add_url_rule("/impressum", "impressum", lambda: "Verantwortlich: niemand")
    app.add_url_rule("/buch", view_func=Buch.as_view("buch"))
    app.add_url_rule("/buch/suche", view_func=Suche.as_view("suche"))
    app.add_url_rule("/buch/panne", view_func=Panne.as_view("panne"))
    app.add_url_rule("/buch/band", view_func=Band.as_view("band"))
    return app
