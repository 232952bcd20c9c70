from uuid import UUID

from flask import abort, render_template_string, url_for

MACHINES = {UUID("6f1c1c5e-0f5e-4a38-9f57-0f8a3f1b7a10"): "Lathe", UUID("9a0d2a52-0f0c-4a6c-8a39-3f1a5c9c2b11"): "Press"}


def board():
    return render_template_string(
        "{% for key, name in m.items() %}<a href=\"{{ url_for('factory_floor.screens.machine', key=key) }}\">{{ name }}</a>{% endfor %}",
        m=MACHINES,
    )


def machine(key):
    return f"<h1>{MACHINES[key]}</h1>" if key in MACHINES else abort(404)
