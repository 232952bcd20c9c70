"""Recipes: Flask-WTF form with CSRF protection, random names."""
import os
import secrets
import tempfile

from flask import Flask, render_template, send_from_directory
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.file import FileAllowed, FileField, FileRequired
from wtforms import SubmitField

TYPES = ["pdf", "txt", "odt"]
csrf = CSRFProtect()


class RecipeForm(FlaskForm):
    recipe = FileField(
        "Ricetta",
        validators=[
            FileRequired("Scegli un file."),
            FileAllowed(TYPES, "Solo PDF, testo oppure ODT."),
        ],
    )
    send = SubmitField("Carica")


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY="ricette",
        RECIPES_DIR=os.path.join(tempfile.gettempdir(), "ricette"),
        MAX_CONTENT_LENGTH=1_500_000,
    )
    app.config.from_mapping(config or {})
    csrf.init_app(app)

    @app.route("/ricette/nuova", methods=["GET", "POST"])
    def new():
        form = RecipeForm()
        if form.validate_on_submit():
            extension = form.recipe.data.filename.rsplit(".", 1)[1].lower()
            name = f"{secrets.token_hex(8)}.{extension}"
            os.makedirs(app.config["RECIPES_DIR"], exist_ok=True)
            form.recipe.data.save(os.path.join(app.config["RECIPES_DIR"], name))
            return render_template("done.html", name=name), 201
        status = 422 if form.is_submitted() else 200
        return render_template("new.html", form=form), status

    @app.get("/ricette/<name>")
    def recipe(name):
        return send_from_directory(app.config["RECIPES_DIR"], name, as_attachment=True)

    @app.errorhandler(413)
    def too_large(error):
        return render_template("too_large.html"), 413

    return app
