from flask import Blueprint, Flask, render_template, send_from_directory

site = Blueprint("site", __name__)
admin = Blueprint("admin", __name__, url_prefix="/admin")
USERS = {3: "Rosa", 4: "Emil"}


@site.route("/")
@site.route("/news/<int:year>/<slug>")
def news(year=None, slug=None):
    return render_template("news.html", year=year, slug=slug)


@admin.route("/")
def dashboard():
    return render_template("admin/dashboard.html", users=USERS)


@admin.route("/users/<int:id>")
def user(id):
    name = USERS.get(id)
    status = 200 if name else 404
    return render_template("admin/user.html", name=name), status


app = Flask(__name__)
app.register_blueprint(site)
app.register_blueprint(admin)
app.add_url_rule(
    "/favicon.ico",
    "favicon",
    lambda: send_from_directory(app.root_path + "/static", "favicon.ico"),
)
