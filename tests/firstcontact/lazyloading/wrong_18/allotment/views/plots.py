from flask import abort, render_template_string

PLOTS = {1: "M. Okafor", 2: None, 3: "the school"}

PAGE = """<!doctype html><title>Plots</title>
<ul>{% for n, who in plots %}<li>{{ n }}: {{ who or "free" }}</li>{% endfor %}</ul>"""


def plots(number=None):
    if number is None:
        return render_template_string(PAGE, plots=PLOTS.items())
    if number not in PLOTS:
        abort(404)
    return render_template_string(PAGE, plots=[(number, PLOTS[number])])
