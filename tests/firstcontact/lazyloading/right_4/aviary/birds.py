from flask import request
from flask.views import MethodView


class Birds(MethodView):
    def __init__(self, size):
        self.size = size

    def get(self):
        return {"birds": [], "size": self.size}

    def post(self):
        return {"name": request.form["name"]}, 201
