from .lazy import LazyView


def register(app):
    def url(import_name, rules, **options):
        view = LazyView(f"bakery.{import_name}")
        for rule in rules:
            app.add_url_rule(rule, view_func=view, **options)

    url("views.index", ["/"])
    url("views.loaf", ["/loaves/<name>"])
    url("reports.stock", ["/reports/stock"])
    url("reports.sales", ["/reports/sales/<int:year>"])
