from flask import abort, g, render_template

PANES = {"trigo": 2, "centeno": 3}


def lista(tipo=None):
    if tipo is not None and tipo not in PANES:
        abort(404)
    panes = PANES if tipo is None else {tipo: PANES[tipo]}
    return render_template("panes.html", panes=panes, moneda=g.moneda)
