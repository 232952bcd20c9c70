from flask import Flask

from radio.proxy import LazyView

app = Flask(__name__, static_folder=None)


def url(import_name, *rules, **options):
    view = LazyView("radio." + import_name)
    for rule in rules:
        app.add_url_rule(rule, view_func=view, **options)


url("programme.today", "/", "/today")
url("programme.day", "/day/<int:number>")
url("archive.search", "/archive")
url("archive.show", "/archive/<slug>")
