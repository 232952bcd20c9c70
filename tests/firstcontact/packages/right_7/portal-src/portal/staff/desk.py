from flask import Response, render_template, request

from portal import staff_app


@staff_app.before_request
def only_staff():
    auth = request.authorization
    if not auth or (auth.username, auth.password) != ("till", "drawer"):
        return Response("Staff only", 401, {"WWW-Authenticate": 'Basic realm="staff"'})


@staff_app.route("/")
def desk():
    return render_template("desk.html")
