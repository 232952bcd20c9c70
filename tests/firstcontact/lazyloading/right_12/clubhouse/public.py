from flask import Response, render_template_string


def welcome():
    return render_template_string(
        "<h1>Rowing club</h1>{% if current_user.is_authenticated %}Hello {{ current_user.id }}"
        "{% else %}<a href=\"{{ url_for('sign_in') }}\">Sign in</a>{% endif %}"
    )


def hours():
    def lines():
        for day in ("Saturday", "Sunday"):
            yield f"{day} 9-17\n"

    return Response(lines(), status=203, mimetype="text/plain")
