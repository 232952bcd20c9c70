"""Decorators for views of both kinds, async ones too; accounts in nested blueprints; in Spanish."""
import asyncio
import time
from functools import wraps
from inspect import iscoroutinefunction
from secrets import compare_digest
from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, g, redirect, render_template, render_template_string, request, session, url_for
from jinja2 import DictLoader
from werkzeug.wrappers import Response


def around(before, after):
    """A decorator: `before()` may answer instead of the view; `after(value)` makes the answer of its value."""

    def decorator(view):
        if iscoroutinefunction(view):

            @wraps(view)
            async def wrapper(*args, **kwargs):
                answer = before()
                return after(await view(*args, **kwargs)) if answer is None else answer

        else:

            @wraps(view)
            def wrapper(*args, **kwargs):
                answer = before()
                return after(view(*args, **kwargs)) if answer is None else answer

        return wrapper

    return decorator


def requiere_sesion(view):
    def before():
        if getattr(g, "user", None) is None:
            return redirect(url_for(current_app.config.get("ENTRADA", "login"), next=request.url), 303)

    return around(before, lambda value: value)(view)


def copy_of(value):
    """What Flask adds to a finished answer (cookies!) must not get into the store."""
    if isinstance(value, Response):
        return type(value)(value.get_data(), value.status, list(value.headers))
    return value


def guardado(timeout=300, key="view/{}", por_usuario=False):
    def name():
        who = f"{g.user}\0" if por_usuario else ""
        return who + key.format(f"{request.host}{request.path}?{sorted(request.args.items(multi=True))}")

    def before():
        if request.method in ("GET", "HEAD"):
            until, value = current_app.extensions["guardado"].get(name(), (0, None))
            return copy_of(value) if time.time() < until else None

    def after(value):
        if request.method in ("GET", "HEAD") and not (isinstance(value, Response) and (value.is_streamed or "Set-Cookie" in value.headers)):
            store = current_app.extensions["guardado"]
            if len(store) >= 1000:
                store.clear()
            store[name()] = time.time() + timeout, copy_of(value)
        return value

    return around(before, after)


def con_plantilla(template=None):
    def after(value):
        if value is None or isinstance(value, dict):
            return render_template(template or f"{request.endpoint.replace('.', '/')}.html", **(value or {}))
        return value

    return around(lambda: None, after)


def init_app(app):
    app.extensions["guardado"] = {}

    @app.before_request
    def quien():
        g.user = session.get("user")


web = Blueprint("web", __name__)
cuentas = Blueprint("cuentas", __name__, url_prefix="/cuentas")
number = iter(range(1, 10**9))


def de_casa(hacia):
    """The path of a page of this site; else the front page."""
    url = urlsplit(hacia)
    if (url.scheme, url.netloc) not in (("", ""), (request.scheme, request.host)):
        return "/"
    if not url.path.startswith("/") or url.path.startswith("//") or "\\" in url.path:
        return "/"
    return f"{url.path}?{url.query}" if url.query else url.path


@cuentas.route("/entrar", methods=["GET", "POST"])
async def entrar():
    hacia = request.form.get("next") or request.args.get("next", "")
    if request.method == "POST":
        await asyncio.sleep(0)
        if compare_digest(f"{request.form['usuario']}\0{request.form['clave']}".encode(), "iñigo\0montoya".encode()):
            session.clear()
            session["user"] = request.form["usuario"]
            return redirect(de_casa(hacia))
    return render_template_string(
        "<form method=post><input name=usuario><input name=clave type=password>"
        "<input type=hidden name=next value='{{ hacia }}'></form>", hacia=hacia
    ), 401 if request.method == "POST" else 200


@cuentas.post("/salir")
def salir():
    session.clear()
    return "", 204


@web.get("/diario")
@requiere_sesion
async def diario():
    await asyncio.sleep(0)
    return f"El diario de {g.user}"


@web.get("/hora")
@guardado(timeout=30)
async def hora():
    await asyncio.sleep(0)
    return {"zona": request.args.get("zona"), "n": next(number)}


@web.get("/resumen")
@requiere_sesion
@guardado(30, "resumen/{}", por_usuario=True)
async def resumen():
    return f"{g.user} {next(number)}"


@cuentas.get("/ayuda")
@con_plantilla()
async def ayuda():
    await asyncio.sleep(0)
    return {"pregunta": "¿Cómo <entrar>?"}


web.register_blueprint(cuentas)


def create_app(config=None):
    app = Flask(__name__)
    app.config.update({"SECRET_KEY": "ñ", "ENTRADA": "web.cuentas.entrar"} | dict(config or {}))
    app.jinja_loader = DictLoader({"web/cuentas/ayuda.html": "<h1>{{ pregunta }}</h1>"})
    init_app(app)
    app.register_blueprint(web)
    return app
