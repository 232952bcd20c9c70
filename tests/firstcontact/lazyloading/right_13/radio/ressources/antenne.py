from flask.views import View


class EnDirect(View):
    def dispatch_request(self):
        return {"titre": "Matinale", "auditeurs": 412}, 202, {"Retry-After": "10"}
