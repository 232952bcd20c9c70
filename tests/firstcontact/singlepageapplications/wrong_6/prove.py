from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.exceptions import NotFound
from werkzeug.test import Client
from app import create_app
c = Client(DispatcherMiddleware(NotFound(), {"/party": create_app()}))
assert 'src="/party/static/guests.js"' in c.get("/party/").text
js = c.get("/party/static/guests.js").text
assert 'fetch("/api/guests")' in js and c.get("/api/guests").status_code == 404
print("mounted below /party, the script fetches /api/guests: 404")
