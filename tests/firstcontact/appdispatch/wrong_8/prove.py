import threading
from werkzeug.test import Client
from app import CustomerDispatcher, make_app
def make(sub):
    if sub == "bad": raise RuntimeError("no database")
    return make_app(sub)
d = CustomerDispatcher("ex.org", make)
try: Client(d).get("/", base_url="http://bad.ex.org")
except RuntimeError: pass
t = threading.Thread(target=lambda: Client(d).get("/", base_url="http://smith.ex.org"), daemon=True)
t.start(); t.join(1)
assert t.is_alive()
print("after one failing create_app every other request hangs")
