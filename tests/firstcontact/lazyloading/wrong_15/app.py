"""Guest counter of a hostel. Views load late; see hostel/loading.py."""
from flask import Blueprint, Flask

from hostel.loading import view


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="dev")
    app.config.from_mapping(config or {})

    site = Blueprint("site", __name__)
    site.add_url_rule("/", view_func=view("hostel.desk.index"))
    site.add_url_rule("/checkin", view_func=view("hostel.desk.checkin"), methods=["POST"])
    site.add_url_rule("/rooms/<int:number>", view_func=view("hostel.rooms.room"))
    app.register_blueprint(site)
    return app
