from flask import abort, make_response, render_template, request
from flask.views import MethodView

from zeitung import pdf
from zeitung.articles import ARTICLES


class Front(MethodView):
    def get(self):
        response = make_response(render_template("front.html", articles=ARTICLES))
        response.vary.add("Accept")
        response.add_etag()
        return response.make_conditional(request)


class Page(MethodView):
    def get(self, slug, ext):
        article = next((a for a in ARTICLES if a.slug == slug), None)
        if article is None:
            abort(404)
        html = render_template("front.html", articles=[article])
        if ext == "html":
            return html
        if not pdf.available():
            abort(501)
        return pdf.render(html), {"Content-Type": "application/pdf"}


def register(app):
    app.add_url_rule("/", view_func=Front.as_view("front"))
    app.add_url_rule("/<slug>.<any(html,pdf):ext>", view_func=Page.as_view("page"))
