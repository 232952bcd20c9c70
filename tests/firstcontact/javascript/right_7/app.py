import uuid
from functools import wraps

from flask import Blueprint, Flask, abort, redirect, render_template, request, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

login = LoginManager()
site = Blueprint("site", __name__)
api = Blueprint("api", __name__, url_prefix="/api")
WORDS = {"ada": "engine", "grace": "compiler"}
NAMESPACE = uuid.UUID("b0a3fd3c-5f6c-4b57-8d34-4b4b2f1d7d10")
DESKS = {uuid.uuid5(NAMESPACE, n): {"label": n.title() + "'s desk", "height": 72} for n in WORDS}


class Person(UserMixin):
    def __init__(self, name):
        self.id = name


@login.user_loader
def load(name):
    return Person(name) if name in WORDS else None


@login.unauthorized_handler
def unauthorized():
    if request.blueprint == "api":
        return {"error": "log in first"}, 401
    return redirect(url_for("site.sign_in"), 303)


def members_only(view):
    @wraps(view)
    def wrapped(**kwargs):
        return view(**kwargs) if current_user.is_authenticated else login.unauthorized()
    return wrapped


@site.route("/login", methods=["GET", "POST"])
def sign_in():
    if request.method == "GET":
        return render_template("login.html")
    name = request.form.get("name", "")
    if name not in WORDS or request.form.get("word") != WORDS[name]:
        return {"error": "Wrong name or word"}, 403
    login_user(Person(name))
    return redirect(url_for("site.desk"))


@site.delete("/session")
@members_only
def sign_out():
    logout_user()
    return redirect(url_for("site.sign_in"), 303)


@site.get("/desk")
@members_only
def desk():
    return render_template("desk.html", theme=request.args.get("theme", "dark"))


@api.get("/desks")
@members_only
def desks():
    return [{"id": str(i), **d} for i, d in DESKS.items()]


@api.get("/desks/<uuid:id>")
@members_only
def one(id):
    if id not in DESKS:
        abort(404)
    return {"id": str(id), **DESKS[id]}


@api.put("/desks/<uuid:id>")
@members_only
def update(id):
    if id not in DESKS:
        abort(404)
    match request.json:
        case {"label": str(label), "height": int(height)} if height is not True and 40 <= height <= 140:
            DESKS[id] = {"label": label, "height": height}
        case _:
            abort(400, "label: text, height: 40 to 140")
    return "", 204


def create_app():
    app = Flask(__name__)
    app.config.update(SECRET_KEY="desks", SESSION_COOKIE_SAMESITE="Lax")
    login.init_app(app)
    app.register_blueprint(site)
    app.register_blueprint(api)
    return app
