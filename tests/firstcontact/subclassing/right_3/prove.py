import io
import threading
import warnings

warnings.simplefilter("ignore", DeprecationWarning)

import app as module

app = module.create_app()
client = app.test_client()
FORM = "application/x-www-form-urlencoded"


def args(query):
    return [tuple(pair) for pair in client.get("/echo?" + query).json["args"]]


def form(body, kind=FORM):
    return [tuple(pair) for pair in client.post("/echo", data=body, content_type=kind).json["form"]]


assert client.get("/hello?w=1&w=2", base_url="http://acme.example.org").json == {"tenant": "acme", "words": ["1", "2"]}
assert client.get("/none").json == {"title": "Not Found", "status": 404} and client.get("/none").status_code == 404
assert client.post("/json", data="{", content_type="application/json").status_code == 422 and client.post("/json", data="{").status_code == 415
assert client.post("/json", json=[1]).status_code == 201
assert client.delete("/json").status_code == 405 and "POST" in client.delete("/json").headers["Allow"]
fresh = module.TenantFlask("json.tool")
assert fresh.import_name == "json.tool" and fresh.default_tenant == "www"
@fresh.get("/")
def view(): return "x"
assert fresh.test_client().get("/").text == "x"
print("ok")
