import threading, time
from flask import Flask
from app import SubdomainDispatcher
made = []
def slow(sub):
    made.append(sub); time.sleep(0.2)
    return Flask("x")
d = SubdomainDispatcher("ex.org", slow)
ts = [threading.Thread(target=d.get_application, args=("a.ex.org",)) for _ in range(3)]
[t.start() for t in ts]; [t.join() for t in ts]
assert len(made) > 1
print("apps made for one subdomain:", len(made))
