"""Newsletter of an allotment club."""
from flask import Flask, abort, redirect, render_template, request, url_for

ISSUES = [("spring", "Spring", "Dig."), ("summer", "Summer", "Water."), ("autumn", "Autumn", "Rake.")]


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})

    @app.get("/")
    def index():
        return render_template("index.html", issues=ISSUES)

    @app.get("/issues/<key>")
    def issue(key):
        for name, title, text in ISSUES:
            if name == key:
                return render_template("issue.html", title=title, text=text)
        abort(404)

    @app.route("/subscribe", methods=["GET", "POST"])
    def subscribe():
        problem = None
        if request.method == "POST":
            address = request.form.get("address", "")
            if "@" in address.strip("@"):
                app.logger.info("new subscriber")
                return redirect(url_for("index"), 303)
            problem = "This is not an address."
        return render_template("subscribe.html", problem=problem), 400 if problem else 200

    @app.errorhandler(404)
    def missing(error):
        return render_template("missing.html"), 404

    return app
