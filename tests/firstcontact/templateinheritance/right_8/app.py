"""A wine list for htmx: the same templates give whole pages or, to htmx, only their content."""
from flask import Flask, Response, g, render_template, request, url_for

WINES = {"riesling": ("Riesling", 2019), "malbec": ("Malbec", 2021), "tokaj": ("Tokaj", 2016)}


def create_app():
    app = Flask(__name__)
    app.config["TEMPLATES_AUTO_RELOAD"] = False

    @app.before_request
    def choose_layout():
        boosted = request.headers.get("HX-Boosted") == "true"
        g.partial = request.headers.get("HX-Request") == "true" and not boosted

    @app.context_processor
    def layout():
        return {"layout": "layouts/partial.html" if g.get("partial") else "layouts/full.html"}

    @app.after_request
    def vary(response: Response):
        response.vary.add("HX-Request")
        response.vary.add("HX-Boosted")
        return response

    @app.template_test()
    def current(endpoint):
        return request.endpoint == endpoint

    @app.get("/")
    def welcome():
        return render_template("welcome.html")

    @app.get("/wines/")
    def wines():
        order = request.args.get("order")
        key = (lambda item: item[1][1]) if order == "year" else (lambda item: item[0])
        return render_template("wines.html", wines=sorted(WINES.items(), key=key))

    @app.get("/wines/<slug>/")
    def wine(slug):
        if slug not in WINES:
            return gone(slug)
        name, year = WINES[slug]
        return render_template("wine.html", name=name, year=year)

    def gone(slug):
        body = render_template("sold_out.html", slug=slug)
        return body, 404, {"Link": f"<{url_for('wines')}>; rel=index"}

    @app.errorhandler(404)
    def unknown(error):
        return render_template("sold_out.html", slug=None), 404

    return app
