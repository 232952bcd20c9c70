from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client
from werkzeug.wrappers import Response
from app import create_app
mounted = Client(DispatcherMiddleware(Response("other", 404), {"/harbour": create_app()}))
assert mounted.get("/harbour/api/boats/7").status_code == 200
page = mounted.get("/harbour/").text
assert 'const ROOT = "/";' in page and "${ROOT}api/boats" in page
assert mounted.get("/api/boats/7").status_code == 404
print("proved: mounted below /harbour, the script still fetches /api/boats/7")
