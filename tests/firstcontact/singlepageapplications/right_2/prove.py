from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.exceptions import NotFound
from werkzeug.test import Client
from app import create_app
c = Client(DispatcherMiddleware(NotFound(), {"/m": create_app()}))
t = c.get("/m/x/y").text
assert 'src="/m/assets/seats.js"' in t and '"/m/api/seats"' in t
assert c.get("/m/assets/seats.js").status_code == 200 and c.get("/m/api/seats").json["a1"] == "free"
assert c.get("/m/api/q").status_code == 404 and c.post("/m/api/seats", data={"seat": "q"}).status_code == 400
print("ok")
