from flask import Flask, render_template_string

from clinic.lazy import LazyView

URLS = (
    ("/", "clinic.front.index"),
    ("/appointments", "clinic.appointments.listing"),
    ("/appointments/<date:day>", "clinic.appointments.on_day"),
    ("/staff/<name>", "clinic.front.staff"),
)


def create_app(testing=False):
    from clinic.converters import DateConverter

    app = Flask(__name__)
    app.testing = testing
    app.url_map.converters["date"] = DateConverter

    @app.errorhandler(404)
    def not_found(error):
        return render_template_string("<h1>Page not found</h1><p>{{ e.description }}</p>", e=error), 404

    for rule, target in URLS:
        app.add_url_rule(rule, view_func=LazyView(target))
    return app
