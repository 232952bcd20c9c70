"""A ticket desk with a plug-in like blueprint for the staff."""
from flask import Blueprint, Flask, current_app, render_template, request

tickets = Blueprint("tickets", __name__)
staff = Blueprint("staff", __name__, url_prefix="/staff")


@tickets.get("/")
def index():
    return render_template("index.html", desk=current_app.config["DESK_NAME"])


@tickets.get("/new")
def new():
    return render_template("new.html", subject=request.args.get("subject", ""))


def setup_staff(app):
    """Lets the staff's pages know about the setting of this app."""
    page_size = app.config["PAGE_SIZE"]

    @staff.get("/")
    def overview():
        return render_template("staff.html", numbers=range(page_size))

    app.register_blueprint(staff)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(DESK_NAME="Help desk", PAGE_SIZE=5)
    app.config.from_mapping(config or {})
    app.register_blueprint(tickets)
    setup_staff(app)
    return app
