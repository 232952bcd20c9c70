from flask import current_app


def catalogue():
    return current_app.response_class("room,objects\n1,40\n2,65\n", mimetype="text/csv")
