"""No templates: the pages are built from Python."""
import os
from urllib.parse import quote

from flask import Flask, Response, abort, request, stream_with_context
from markupsafe import Markup, escape
from werkzeug.routing import Rule
from werkzeug.wsgi import FileWrapper

app = Flask(__name__)
PLANETS = {"merkurius": 88, "venus": 225, "tellus": 365}


def element(name, *content, **attributes):
    attrs = Markup("").join(Markup(' {}="{}"').format(k.strip("_"), v) for k, v in attributes.items())
    return Markup("<{0}{1}>{2}</{0}>").format(name, attrs, Markup("").join(escape(c) for c in content))


def document(title, *content, status=200):
    icon = quote(request.script_root + app.static_url_path + "/favicon.ico")

    @stream_with_context
    def parts():
        yield '<!doctype html><html lang="sv"><head><meta charset="utf-8">'
        yield element("title", title)
        yield Markup('<link href="{}" rel="icon">').format(icon)
        yield "</head><body>"
        yield from (str(c) for c in content)
        yield "</body></html>"

    return Response((str(p) for p in parts()), status, content_type="text/html; charset=utf-8")


@app.endpoint("planets")
def planets():
    links = [element("li", element("a", p.title(), href=f"{request.script_root}/planet/{p}/år")) for p in PLANETS]
    return document("Planeter", element("ul", *links))


@app.endpoint("year")
def year(name):
    if name not in PLANETS:
        return document("Saknas", element("p", "Ingen sådan planet"), status=404)
    return document(name.title(), element("p", f"{PLANETS[name]} dygn"))


@app.endpoint("favicon")
def favicon():
    path = os.path.join(app.root_path, "static", "favicon.ico")
    if request.method == "HEAD":
        return Response(mimetype="image/vnd.microsoft.icon", headers={"Content-Length": str(os.path.getsize(path))})
    return Response(FileWrapper(open(path, "rb")), mimetype="image/vnd.microsoft.icon", direct_passthrough=True)


app.url_map.add(Rule("/", endpoint="planets", methods=["GET"]))
app.url_map.add(Rule("/planet/<name>/år", endpoint="year", methods=["GET"]))
app.url_map.add(Rule("/favicon.ico", endpoint="favicon", methods=["GET"]))
