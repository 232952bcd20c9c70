import os
import subprocess, sys
r = subprocess.run([sys.executable, "-B", "-m", "flask", "--app", "hamradio.web:make_app('<club>')", "routes"], capture_output=True, text=True)
assert r.returncode == 0 and "contacts.v1.bands" in r.stdout, r.stderr
from hamradio.web import make_app
c = make_app("<club>").test_client()
os.chdir("/")
assert [c.get(p).status_code for p in ("/", "/repeaters/", "/repeaters/oe3xla", "/contacts/", "/contacts/v1/bands", "/repeaters/x")] == [200] * 5 + [404]
assert "&lt;club&gt;@example" in c.get("/contacts/").text and "438.900" in c.get("/repeaters/oe3xla").text
print("ok")
