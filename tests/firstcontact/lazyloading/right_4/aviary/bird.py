from flask.views import MethodView


class Bird(MethodView):
    init_every_request = False

    def get(self, name):
        return {"name": name}

    def put(self, name):
        return "", 204

    delete = put
