from flask import redirect, render_template_string, request, url_for
from flask_login import login_user, logout_user

from clubhouse.people import load_member

FORM = '<form method="post">{{ problem }}<input name="name"><input name="password" type="password"><button>In</button></form>'


def sign_in():
    if request.method == "GET":
        return render_template_string(FORM)
    member = load_member(request.form.get("name", ""))
    if member is None or request.form.get("password") != "oar":
        return render_template_string(FORM, problem="No."), 403
    login_user(member)
    return redirect(url_for("directory"), 303)


def sign_out():
    logout_user()
    return redirect(url_for("welcome"), 303)
