from datetime import date

from flask import render_template_string

BOOKED = {date(2026, 3, 2): ["09:00", "09:20"], date(2026, 3, 3): ["14:00"]}


def listing():
    return render_template_string(
        "{% for d in days %}<p><a href=\"{{ url_for('on_day', day=d) }}\">{{ d }}</a></p>{% endfor %}",
        days=sorted(BOOKED),
    )


def on_day(day):
    return "<br>".join(BOOKED.get(day, ["free all day"]))
