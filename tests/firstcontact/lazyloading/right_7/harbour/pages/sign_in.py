from flask import redirect, request, session, url_for


def login():
    if request.method == "POST":
        session["person"] = request.form["name"]
        return redirect(url_for("office.index"), 303)
    return "<!doctype html><title>Login</title><form method=post><input name=name><button>Go</button></form>"
