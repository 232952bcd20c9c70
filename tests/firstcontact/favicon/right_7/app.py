from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask_login import LoginManager, UserMixin, login_required, login_user, logout_user

login_manager = LoginManager()
login_manager.login_view = "members.login"
members = Blueprint("members", __name__, url_prefix="/club")
PINS = {"ines": "2468"}


class Member(UserMixin):
    def __init__(self, id):
        self.id = id


@login_manager.user_loader
def load(id):
    return Member(id) if id in PINS else None


@members.before_app_request
def wall():
    free = {"members.login", "static", "favicon"}
    if request.endpoint is not None and request.endpoint not in free:
        return login_required(lambda: None)()


@members.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "POST":
        name = request.form.get("name")
        if name in PINS and PINS[name] == request.form.get("pin"):
            login_user(Member(name))
            return redirect(url_for(".room"), 303)
        return render_template("login.html", wrong=True), 401
    return render_template("login.html")


@members.get("/room")
@members.get("/room/<path:corner>")
def room(corner="door"):
    return render_template("room.html", corner=corner)


@members.get("/logout")
def logout():
    logout_user()
    return redirect(url_for(".login"))


def create_app():
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "club"
    login_manager.init_app(app)
    app.register_blueprint(members)

    @app.get("/favicon.ico")
    def favicon():
        return redirect(url_for("static", filename="favicon.ico"), 301)

    return app
