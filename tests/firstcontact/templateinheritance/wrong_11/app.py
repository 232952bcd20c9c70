"""Documentation of a product, with chapters as blueprints' pages and a side bar."""
from flask import Blueprint, Flask, render_template
from flask.views import View
from werkzeug.exceptions import NotFound

docs = Blueprint("docs", __name__, url_prefix="/docs", template_folder="pages")

PAGES = {
    "install": "docs/install.html",
    "configure": "docs/configure.html",
}


class Page(View):
    init_every_request = False

    def dispatch_request(self, name="install"):
        try:
            template = PAGES[name]
        except KeyError:
            raise NotFound(f"There is no chapter {name}.") from None
        return render_template(template, current=name)


view = Page.as_view("page")
docs.add_url_rule("/", view_func=view)
docs.add_url_rule("/<name>", view_func=view)


@docs.app_context_processor
def chapters():
    return {"chapters": PAGES}


@docs.app_errorhandler(404)
def not_found(error):
    return render_template("docs/404.html", message=error.description), 404


app = Flask(__name__, template_folder="theme")
app.register_blueprint(docs)
