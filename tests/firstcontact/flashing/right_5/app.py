"""Boîte à idées. Sessions live on the server; pages are built without templates."""
import os
import secrets
from tempfile import gettempdir

from cachelib import FileSystemCache
from flask import Flask, abort, flash, get_flashed_messages, redirect, request, session, url_for
from flask.sessions import SessionInterface, SessionMixin
from markupsafe import Markup
from werkzeug.datastructures import CallbackDict

PAGE = Markup("""<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{title}</title></head>
<body>{messages}<main><h1>{title}</h1>{body}</main></body></html>""")
NOTE = Markup('<output class="note" title="{}">{}</output>')


class ServerSession(CallbackDict, SessionMixin):
    modified = False
    accessed = True

    def __init__(self, initial=None, sid=None):
        def changed(this):
            this.modified = True
        super().__init__(initial, changed)
        self.sid = sid
        self.new = not sid


class ServerSessions(SessionInterface):
    def open_session(self, app, request):
        sid = request.cookies.get(self.get_cookie_name(app), "")
        data = app.extensions["sessions"].get(sid) if sid else None
        return ServerSession(data, sid) if data is not None else ServerSession()

    def save_session(self, app, session, response):
        response.vary.add("Cookie")
        if session.modified:
            session.sid = session.sid or secrets.token_urlsafe(24)
            app.extensions["sessions"].set(session.sid, dict(session))
            response.set_cookie(self.get_cookie_name(app), session.sid, httponly=True, samesite="Lax",
                                secure=self.get_cookie_secure(app), path=self.get_cookie_path(app))


def page(title, body):
    notes = Markup("").join(NOTE.format(kind, text) for kind, text in get_flashed_messages(with_categories=True))
    return PAGE.format(title=title, messages=notes, body=body)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SESSIONS=os.path.join(gettempdir(), "idees-sessions"), MAX_CONTENT_LENGTH=64_000)
    app.config.from_mapping(config or {})
    app.extensions["sessions"] = FileSystemCache(app.config["SESSIONS"], threshold=10_000, default_timeout=86_400)
    app.session_interface = ServerSessions()

    @app.get("/")
    def accueil():
        return page("Boîte à idées", Markup('<form method="post" action="{}"><textarea name="idee"></textarea><button>Envoyer</button></form>').format(url_for("deposer")))

    @app.post("/idees")
    def deposer():
        if not request.form.get("idee", "").strip():
            abort(400)
        flash(request.form["idee"], request.form.get("genre") or "idée")
        return redirect(url_for("accueil"), 303)

    FORM = Markup('<form method="post"><input name="nom"><input type="password" name="mot"><button>Entrer</button></form>')

    @app.get("/entree")
    def entree():
        return page("Entrée", FORM)

    @app.post("/entree")
    def entrer():
        if request.form.get("nom") != "zoé" or request.form.get("mot") != "sésame":
            return page("Entrée", Markup("<p>Mot de passe refusé.</p>") + FORM), 403
        if session.sid:
            app.extensions["sessions"].delete(session.sid)
            session.sid = None
        session["nom"] = "zoé"
        flash("Bienvenue, la porte est ouverte.", "succès")
        return redirect(url_for("accueil"), 303)

    @app.get("/etat")
    def etat():
        return {"connecte": "nom" in session}

    return app
