"""Reservas de salas, en español; solo para quien ha iniciado sesión (Flask-Login)."""
from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user, logout_user
from flask_wtf import CSRFProtect, FlaskForm
from wtforms import IntegerField, PasswordField, RadioField, SelectMultipleField, StringField, TimeField, widgets
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Regexp, ValidationError

OBLIGATORIO = "Este campo es obligatorio."
csrf, gestor = CSRFProtect(), LoginManager()


class Persona(UserMixin):
    def __init__(self, id):
        self.id = id


class Entrada(FlaskForm):
    usuario = StringField("Usuario", [DataRequired(OBLIGATORIO)])
    clave = PasswordField("Clave", [DataRequired(OBLIGATORIO)])


class Casillas(SelectMultipleField):
    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class Reserva(FlaskForm):
    motivo = StringField("Motivo", [
        InputRequired(OBLIGATORIO), Length(5, 60, "Entre 5 y 60 caracteres."),
        Regexp(r"[\w ,.:;()¡!¿?-]+\Z", message="Solo letras, cifras y signos de puntuación."),
    ], filters=[lambda texto: texto.strip() if texto else texto])
    sala = RadioField("Sala", [InputRequired("Elija una sala.")], choices=[("azul", "Azul"), ("roja", "Roja")])
    desde = TimeField("Desde", [InputRequired(OBLIGATORIO)])
    hasta = TimeField("Hasta", [InputRequired(OBLIGATORIO)])
    asistentes = IntegerField("Asistentes", [InputRequired(OBLIGATORIO), NumberRange(0, 40, "Entre 0 y 40.")])
    equipo = Casillas("Equipo", choices=[("pizarra", "Pizarra"), ("proyector", "Proyector"), ("cafe", "Café")])

    def validate_hasta(self, field):
        if field.data and self.desde.data and field.data <= self.desde.data:
            raise ValidationError("Tiene que terminar después de empezar.")


acceso = Blueprint("acceso", __name__)
reservas = Blueprint("reservas", __name__, url_prefix="/reservas")


@acceso.route("/entrar", methods=["GET", "POST"])
def entrar():
    form = Entrada()
    if form.validate_on_submit():
        if current_app.config["CLAVES"].get(form.usuario.data) == form.clave.data:
            login_user(Persona(form.usuario.data))
            return redirect(url_for("reservas.lista"))
        form.clave.errors = [*form.clave.errors, "Usuario o clave incorrectos."]
    return render_template("formulario.html", form=form, titulo="Entrar"), 403 if form.errors else 200


@acceso.post("/salir")
def salir():
    logout_user()
    return redirect(url_for(".entrar"))


@reservas.before_request
@login_required
def exigir_sesion():
    return None


@reservas.get("")
def lista():
    return render_template("lista.html", reservas=current_app.extensions["reservas"])


@reservas.route("/nueva", methods=["GET", "POST"])
def nueva():
    form = Reserva()
    if request.method == "GET":
        return render_template("formulario.html", form=form, titulo="Nueva reserva")
    if not form.validate():
        return render_template("formulario.html", form=form, titulo="Nueva reserva"), 400
    datos = {nombre: valor for nombre, valor in form.data.items() if nombre != "csrf_token"}
    current_app.extensions["reservas"].append({**datos, "persona": current_user.id})
    flash("Reserva guardada.", "exito")
    return redirect(url_for(".lista"), 302)


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="dev", CLAVES={"ada": "maquina", "luis": "sombrero"})
    app.config.from_mapping(config or {})
    csrf.init_app(app)
    gestor.init_app(app)
    gestor.login_view, gestor.login_message = "acceso.entrar", "Inicie sesión, por favor."
    gestor.user_loader(lambda id: Persona(id) if id in app.config["CLAVES"] else None)
    app.extensions["reservas"] = []
    app.register_blueprint(acceso)
    app.register_blueprint(reservas)
    return app
