from flask import render_template_string, url_for

NOTICES = {1: "Fire drill", 2: "New coffee machine"}


def notices():
    return render_template_string(
        "<!doctype html><title>Board</title>{% for i, t in n.items() %}"
        "<p><a href='{{ url_for('notice', id=i) }}'>{{ t }}</a>{% endfor %}", n=NOTICES)


def notice(id):
    if id not in NOTICES:
        return "No such notice\n", 410, {"Content-Type": "text/plain"}
    return render_template_string("<!doctype html><title>{{ t }}</title><h1>{{ t }}</h1>", t=NOTICES[id])
