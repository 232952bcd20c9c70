import os

from flask import Flask, jsonify, send_file
from flask.views import View

from settings import DATABASE_PASSWORD

HERE = os.path.dirname(os.path.abspath(__file__))
PUBLIC = os.path.join(HERE, "public")

app = Flask(__name__, static_folder=None)
app.config["DATABASE_PASSWORD"] = DATABASE_PASSWORD


@app.get("/api/health")
def health():
    return jsonify(status="healthy")


@app.get("/api/plants")
def plants():
    return jsonify(plants=["basil", "mint", "thyme"])


@app.route("/api/", defaults={"path": ""}, methods=["GET", "POST", "PUT", "DELETE"])
@app.route("/api/<path:path>", methods=["GET", "POST", "PUT", "DELETE"])
def no_api(path):
    return jsonify(error=f"/api/{path} does not exist"), 404


class FrontEnd(View):
    """Serves files of the build if they exist, and the page for all else."""

    methods = ["GET"]
    init_every_request = False

    def __init__(self, folder, index="index.html"):
        self.folder = folder
        self.index = os.path.join(folder, index)

    def dispatch_request(self, path):
        file = os.path.join(self.folder, path)
        if path and os.path.isfile(file):
            return send_file(file, conditional=True, max_age=3600)
        return send_file(self.index, conditional=True, max_age=0)


front_end = FrontEnd.as_view("front_end", PUBLIC)
app.add_url_rule("/", view_func=front_end, defaults={"path": ""})
app.add_url_rule("/<path:path>", view_func=front_end)
