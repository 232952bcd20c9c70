from flask import redirect, url_for

from .. import application


@application.get("/")
def accueil():
    return redirect(url_for("articles"), 307)
