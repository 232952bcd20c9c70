"""The subclass is for other things than order: problem documents, requests that know their tenant, dataclasses."""
import dataclasses

from flask import Flask, Request, Response, abort, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException


class TenantRequest(Request):
    @property
    def tenant(self):
        return self.host.partition(":")[0].split(".")[0]

    def on_json_loading_failed(self, e):
        if e is None:
            return super().on_json_loading_failed(e)
        abort(422)


class TenantResponse(Response):
    default_mimetype = "application/json"


class Provider(DefaultJSONProvider):
    compact = True

    @staticmethod
    def default(o):
        return dataclasses.asdict(o) if dataclasses.is_dataclass(o) else DefaultJSONProvider.default(o)


class TenantFlask(Flask):
    request_class = TenantRequest
    response_class = TenantResponse
    json_provider_class = Provider

    def __init__(self, import_name, *args, default_tenant="www", **kwargs):
        super().__init__(import_name, *args, **kwargs)
        self.default_tenant = default_tenant
        self.register_error_handler(HTTPException, self.as_problem)

    def as_problem(self, error):
        response = error.get_response()
        if error.response is None:
            response.data = self.json.dumps({"title": error.name, "status": error.code})
            response.content_type = "application/problem+json"
        return response

    def make_response(self, rv):
        if dataclasses.is_dataclass(rv) and not isinstance(rv, type):
            rv = self.json.response(rv)
        return super().make_response(rv)


@dataclasses.dataclass
class Greeting:
    tenant: str
    words: list


def create_app(config=None):
    app = TenantFlask(__name__, default_tenant="main")
    app.config.from_mapping(config or {})

    @app.get("/hello")
    def hello():
        return Greeting(request.tenant, request.args.getlist("w"))

    @app.post("/json")
    def take():
        return {"got": request.get_json()}, 201

    return app
