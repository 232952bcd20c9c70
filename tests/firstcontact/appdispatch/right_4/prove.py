import threading, time
from werkzeug.test import Client
from app import by_path, by_subdomain, Instances
p, s = Client(by_path), Client(by_subdomain)
assert p.get("/hill/").json["root"] == "/hill" and p.get("/").json["farms"]
assert p.get("/other").status_code == 404
assert s.get("/", base_url="http://Lake.farms.example:81").json["farm"] == "Lake farm"
assert s.get("/", base_url="http://sea.farms.example").status_code == 404
made = []
def make(k): made.append(k); time.sleep(0.1); return k
i = Instances(make)
ts = [threading.Thread(target=i.get, args=("a",)) for _ in range(8)]
[t.start() for t in ts]; [t.join() for t in ts]
assert made == ["a"]
print("ok")
