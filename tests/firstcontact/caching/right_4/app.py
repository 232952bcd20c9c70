"""Flask-Login; what is private is cached by the person's id and a version that logging out changes."""
import secrets

from flask import Blueprint, Flask, request, session
from flask_caching import Cache
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user, logout_user
from markupsafe import escape

cache = Cache()
logins = LoginManager()
shop = Blueprint("shop", __name__)
account = Blueprint("account", __name__, url_prefix="/account")
shop.register_blueprint(account)


class Customer(UserMixin):
    def __init__(self, id):
        self.id = id


@logins.user_loader
def load(id):
    return Customer(id) if id in ("c1", "c2") else None


@logins.unauthorized_handler
def unauthorized():
    return "log in first", 401, {"WWW-Authenticate": "Custom"}


@shop.after_request
def not_for_others(response):
    if request.blueprint == "shop.account":
        response.cache_control.private = True
        response.vary.add("Cookie")
    return response


@account.post("/session")
def enter():
    customer = load(request.json["customer"])
    if customer is None or not login_user(customer):
        return {}, 403
    session["nonce"] = secrets.token_hex(8)
    return {}, 201


@account.delete("/session")
@login_required
def leave():
    logout_user()
    session.clear()
    return {}, 200


@account.get("/orders")
@login_required
@cache.cached(timeout=45, make_cache_key=lambda: f"orders/{current_user.get_id()}/{session['nonce']}")
def orders():
    return {"of": f"customer-{current_user.get_id()}", "list": secrets.token_hex(10)}


@shop.get("/offers")
@cache.cached(timeout=45, query_string=True)
def offers():
    return f"<h1>{escape(' '.join(request.args.getlist('kind')))}</h1><p>{secrets.token_hex(10)}"


@shop.get("/news", defaults={"page": 1})
@shop.get("/news/<int:page>")
@cache.cached(timeout=45)
def news(page):
    return f"<p>{page}: {secrets.token_hex(10)}"


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="right 4", CACHE_TYPE="SimpleCache", CACHE_IGNORE_ERRORS=False)
    app.config.from_mapping(config or {})
    cache.init_app(app)
    logins.init_app(app)
    app.register_blueprint(shop)
    return app
