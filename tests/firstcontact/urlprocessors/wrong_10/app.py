"""Shop front with a language switcher in the footer."""
from flask import Flask, current_app, g, render_template_string, request, url_for
from flask.views import MethodView

LAYOUT = """<!doctype html>
<html lang="{{ g.lang_code or 'en' }}">
<title>{{ title }}</title>
<h1>{{ title }}</h1>
{% if g.lang_code %}<a href="{{ url_for('basket') }}">basket</a>{% endif %}
<footer>
{% for code in config.LANGUAGES %}
  <a hreflang="{{ code }}" href="{{ switch(code) }}">{{ code }}</a>
{% endfor %}
</footer>
</html>
"""


def switch(code):
    """The URL of the present page in another language."""
    if not g.lang_code:
        return url_for("catalogue", lang_code=code)
    return url_for(request.endpoint, **{**(request.view_args or {}), "lang_code": code})


class Page(MethodView):
    titles = {}

    def get(self, **kwargs):
        title = self.titles.get(g.lang_code, self.titles["en"])
        return render_template_string(LAYOUT, title=title, switch=switch)


class Catalogue(Page):
    titles = {"en": "Catalogue", "es": "Catálogo", "it": "Catalogo"}


class Basket(Page):
    titles = {"en": "Your basket", "es": "Su cesta", "it": "Il tuo cestino"}


class Imprint(Page):
    titles = {"en": "Imprint"}


def pull_language(endpoint, values):
    g.lang_code = (values or {}).pop("lang_code", None)


def push_language(endpoint, values):
    if g.get("lang_code") is None:
        return
    if current_app.url_map.is_endpoint_expecting(endpoint, "lang_code"):
        values["lang_code"] = g.lang_code


app = Flask(__name__)
app.config["LANGUAGES"] = ["en", "es", "it"]
app.url_value_preprocessor(pull_language)
app.url_defaults(push_language)

LANG = "/<any(en, es, it):lang_code>"
app.add_url_rule(f"{LANG}/", view_func=Catalogue.as_view("catalogue"))
app.add_url_rule(f"{LANG}/basket", view_func=Basket.as_view("basket"))
app.add_url_rule("/imprint", view_func=Imprint.as_view("imprint"))
