import threading
from flask import url_for
from app import app
seen = []
with app.test_request_context("/de/huts"):
    app.preprocess_request()
    t = threading.Thread(target=lambda: app.test_client().get("/it/huts")); t.start(); t.join()
    seen.append(url_for("index"))
print("the German request, while an Italian one is answered, links to", seen[0])
assert seen == ["/it/"]
