from flask import render_template

from .. import application, db
from ..modeles import Article


@application.get("/articles/")
def articles():
    lignes = db.session.scalars(db.select(Article).order_by(Article.nom)).all()
    return render_template("articles.html", lignes=lignes)


@application.get("/articles/<int:id>")
def article(id):
    a = db.get_or_404(Article, id, description="Article inconnu")
    return {"nom": a.nom, "prix": a.prix / 100}
