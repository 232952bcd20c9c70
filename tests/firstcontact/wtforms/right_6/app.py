"""Un club de lecture : inscription et modification, en français (Flask-WTF, Flask-SQLAlchemy)."""
from flask import Blueprint, Flask, abort, flash, redirect, render_template, url_for
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from wtforms import BooleanField, EmailField, SelectField, StringField, ValidationError
from wtforms.validators import Email, InputRequired, Length

db = SQLAlchemy()
club = Blueprint("club", __name__, url_prefix="/club")


class Lecteur(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    nom: Mapped[str]
    courriel: Mapped[str] = mapped_column(unique=True)
    genre: Mapped[str]
    lettre: Mapped[bool] = mapped_column(default=False)


def sans_blancs(valeur):
    return valeur.strip() if isinstance(valeur, str) else valeur


def en_minuscules(valeur):
    return valeur.strip().lower() if isinstance(valeur, str) else valeur


class Fiche(FlaskForm):
    nom = StringField("Nom", [InputRequired("Ce champ est obligatoire."),
                              Length(2, 80, "Entre 2 et 80 caractères.")], filters=[sans_blancs])
    courriel = EmailField("Courriel", [InputRequired("Ce champ est obligatoire."),
                                       Email("Adresse invalide."), Length(max=120)], filters=[en_minuscules])
    genre = SelectField("Genre préféré", choices=[("roman", "Roman"), ("essai", "Essai"), ("poesie", "Poésie")])
    lettre = BooleanField("Recevoir la lettre")

    def __init__(self, *args, lecteur=None, **kwargs):
        super().__init__(*args, obj=lecteur, **kwargs)
        self.lecteur = lecteur

    def validate_courriel(self, field):
        autre = db.session.scalar(db.select(Lecteur).filter_by(courriel=field.data))
        if autre is not None and autre is not self.lecteur:
            raise ValidationError("Cette adresse est déjà inscrite.")


@club.get("/")
def liste():
    lecteurs = db.session.scalars(db.select(Lecteur).order_by(Lecteur.id)).all()
    return render_template("liste.html", lecteurs=lecteurs)


def traiter(fiche, lecteur, message):
    """Enregistre la fiche si elle est valable."""
    if not fiche.is_submitted():
        return render_template("fiche.html", fiche=fiche)
    if fiche.validate():
        fiche.populate_obj(lecteur)
        db.session.add(lecteur)
        try:
            db.session.commit()
        except IntegrityError:  # deux inscriptions au même moment
            db.session.rollback()
            fiche.courriel.errors = ["Cette adresse est déjà inscrite."]
        else:
            flash(message)
            return redirect(url_for(".liste"), 303)
    return render_template("fiche.html", fiche=fiche), 422


@club.route("/inscription", methods=["GET", "POST"])
def inscription():
    return traiter(Fiche(), Lecteur(), "Bienvenue !")


@club.route("/lecteurs/<int:id>", methods=["GET", "POST"])
def modifier(id):
    lecteur = db.session.get(Lecteur, id) or abort(404)
    return traiter(Fiche(lecteur=lecteur), lecteur, "C'est noté.")


def create_app(config=None):
    app = Flask(__name__, template_folder="gabarits")
    app.config.from_mapping(SECRET_KEY="dev", SQLALCHEMY_DATABASE_URI="sqlite://")
    app.config.from_mapping(config or {})
    db.init_app(app)
    app.register_blueprint(club)
    with app.app_context():
        db.create_all()
        db.session.add(Lecteur(nom="Colette", courriel="colette@example.org", genre="roman", lettre=True))
        db.session.commit()
    return app
