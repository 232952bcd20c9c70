"""Government forms site, with locales as in the rest of the toolchain."""
from flask import Blueprint, Flask, abort, g, render_template_string, url_for

# gettext catalogues are named with underscores
CATALOGUES = {
    "en": {"apply": "Apply", "status": "Check your status"},
    "pt_BR": {"apply": "Solicitar", "status": "Consultar andamento"},
    "zh_TW": {"apply": "申請", "status": "查詢進度"},
}
URL_CODES = [name.replace("_", "-") for name in CATALOGUES]

site = Blueprint("site", __name__, url_prefix="/<lang_code>")


@site.url_value_preprocessor
def pull_lang_code(endpoint, values):
    code = values.pop("lang_code")
    if code not in URL_CODES:
        abort(404)
    g.lang_code = code
    g.locale = code.replace("-", "_")


@site.url_defaults
def add_lang_code(endpoint, values):
    if "locale" in g:
        values.setdefault("lang_code", g.locale)


def _(key):
    return CATALOGUES[g.locale][key]


LAYOUT = """<!doctype html>
<html lang="{{ g.lang_code }}">
<title>{{ title }}</title>
<h1>{{ title }}</h1>
<p><a href="{{ url_for('site.apply') }}">{{ _('apply') }}</a>
<p><a href="{{ url_for('site.status') }}">{{ _('status') }}</a>
</html>
"""


@site.route("/apply")
def apply():
    return render_template_string(LAYOUT, title=_("apply"))


@site.route("/status")
def status():
    return render_template_string(LAYOUT, title=_("status"))


def create_app():
    app = Flask(__name__)
    app.jinja_env.globals["_"] = _
    app.register_blueprint(site)

    @app.route("/")
    def languages():
        return "\n".join(
            f'<a href="{url_for("site.apply", lang_code=code)}">{code}</a>'
            for code in URL_CODES
        )

    return app
