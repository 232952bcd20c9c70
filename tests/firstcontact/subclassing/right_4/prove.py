import io
import pickle
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


with app.test_request_context("/?b=1&a=2&b=3&c=&+%C3%A4=x+y", method="POST", data="z=1&y=2&z=3", content_type=FORM) as ctx:
    r = ctx.request
    want = [("b", "1"), ("a", "2"), ("b", "3"), ("c", ""), (" ä", "x y")]
    assert list(r.args.items(multi=True)) == want and list(r.form.items(multi=True)) == [("z", "1"), ("y", "2"), ("z", "3")]
    assert r.args["b"] == "1" and r.args.getlist("b") == ["1", "3"] and list(r.args) == ["b", "a", "c", " ä"] and r.values["y"] == "2"
    assert list(r.values.items(multi=True))[:5] == want and r.args.to_dict() == {"b": "1", "a": "2", "c": "", " ä": "x y"}
    assert list(r.args.copy().items(multi=True)) == want and pickle.loads(pickle.dumps(r.args)) == r.args and hash(r.args) is not None
    try:
        r.args["b"] = "9"
        raise SystemExit("mutable")
    except TypeError:
        pass
body = b"".join(b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % pair for pair in [(b"z", b"1"), (b"y", b"2"), (b"z", b"3")]) + b"--b--\r\n"
with app.test_request_context("/", method="POST", data=body, content_type="multipart/form-data; boundary=b") as ctx:
    assert list(ctx.request.form.items(multi=True)) == [("z", "1"), ("y", "2"), ("z", "3")]

assert client.get("/zeige?b=1&a=<&b=3").text == "<ol><li>b=1<li>a=&lt;<li>b=3</ol>"
assert client.get("/zeige?" + "&".join(f"p{n}={n}" for n in range(101))).status_code == 400
assert client.get("/zeige?" + "&".join(f"p{n}={n}" for n in range(100))).text.count("<li>") == 100
assert client.get("/fehlt").status_code == 404 and client.get("/gibtsnicht").status_code == 404
fresh = module.Dienst("json.tool")
@fresh.get("/")
def view():
    from flask import request
    return request.args["missing"]
assert fresh.test_client().get("/").status_code == 400
print("ok")
