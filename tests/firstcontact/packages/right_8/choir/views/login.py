from flask import redirect, render_template, request, url_for
from flask.views import MethodView
from flask_login import current_user, login_required, login_user, logout_user

from choir import Singer, app

SINGERS = {"ada": "alto", "bo": "bass"}


class Login(MethodView):
    init_every_request = False

    def get(self):
        return render_template("login.html")

    def post(self):
        name = request.form.get("name", "")
        if SINGERS.get(name) != request.form.get("voice"):
            return render_template("login.html", error="Wrong voice."), 403
        login_user(Singer(name))
        return redirect(url_for("rehearsals"))


app.add_url_rule("/login", view_func=Login.as_view("login"))


@app.post("/logout")
@login_required
def logout():
    logout_user()
    return redirect(url_for("login"))


@app.get("/me")
@login_required
def me():
    return {"name": current_user.id, "voice": SINGERS[current_user.id]}
