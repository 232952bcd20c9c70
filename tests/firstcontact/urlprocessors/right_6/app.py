"""Invoices for several tenants; members log in and see their tenants only."""
from flask import Flask, abort, g, jsonify, redirect, request, url_for
from flask_login import (
    LoginManager,
    UserMixin,
    current_user,
    login_required,
    login_user,
    logout_user,
)

MEMBERS = {
    "ada": ("countess", {"acme", "globex"}),
    "bob": ("builder", {"globex"}),
}
INVOICES = {"acme": [101, 102], "globex": [7]}


class Member(UserMixin):
    def __init__(self, name):
        self.id = name
        self.tenants = MEMBERS[name][1]


login_manager = LoginManager()
login_manager.login_view = "login"


@login_manager.user_loader
def load(name):
    return Member(name) if name in MEMBERS else None


class Tenancy:
    """A small extension: /t/<tenant>/… without the tenant in the views."""

    def init_app(self, app):
        app.url_value_preprocessor(self.pull)
        app.url_defaults(self.push)
        app.before_request(self.check)
        self.expecting = app.url_map.is_endpoint_expecting

    def pull(self, endpoint, values):
        g.tenant = None if values is None else values.pop("tenant", None)

    def push(self, endpoint, values):
        tenant = getattr(g, "tenant", None)
        if tenant is not None and self.expecting(endpoint, "tenant"):
            values.setdefault("tenant", tenant)

    def check(self):
        if g.tenant is None:
            return None
        if not current_user.is_authenticated:
            return login_manager.unauthorized()
        if g.tenant not in current_user.tenants:
            # do not tell which tenants exist
            abort(404)
        return None


def create_app(config=None):
    app = Flask(__name__)
    app.secret_key = "dev only"
    app.config.from_mapping(config or {})
    login_manager.init_app(app)
    Tenancy().init_app(app)

    @app.route("/login", methods=["GET", "POST"])
    def login():
        if request.method == "GET":
            return '<form method="post"><input name="who"><input name="pw"></form>'
        who = request.form.get("who", "")
        if MEMBERS.get(who, (None,))[0] != request.form.get("pw") or who not in MEMBERS:
            return "wrong", 401
        login_user(Member(who))
        return redirect(url_for("me"), 303)

    @app.get("/logout")
    def logout():
        logout_user()
        return redirect(url_for("login"))

    @app.get("/me")
    @login_required
    def me():
        return jsonify(
            name=current_user.id,
            tenants={t: url_for("invoices", tenant=t) for t in sorted(current_user.tenants)},
        )

    @app.get("/t/<tenant>/invoices")
    def invoices():
        return jsonify(
            tenant=g.tenant,
            href=url_for("invoices"),
            invoices=[url_for("invoice", number=n) for n in INVOICES[g.tenant]],
        )

    @app.get("/t/<tenant>/invoices/<int:number>")
    def invoice(number):
        if number not in INVOICES[g.tenant]:
            abort(404)
        return jsonify(number=number, all=url_for("invoices"))

    return app
