from werkzeug.test import Client
from app import application
c = Client(application)
assert c.get("/mercury/").status_code == 404
assert c.post("/", data={"key": "mercury"}).status_code == 201
assert c.get("/mercury/").status_code == 404
for n in range(100): c.get(f"/x{n}")
assert len(application.instances) > 100
print("a project asked for before it existed stays 404; entries for unknown paths:", len(application.instances))
