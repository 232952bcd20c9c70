import os, subprocess, sys, tempfile, zipfile
from app import app
c = app.test_client()
assert [c.get(p).status_code for p in ("/", "/me", "/login", "/calendar.ics", "/logout")] == [302, 302, 200, 200, 405]
c.post("/login", data={"name": "ada", "voice": "alto"})
assert "Singing: ada" in c.get("/").text
with tempfile.TemporaryDirectory() as tmp:
    subprocess.run([sys.executable, "-c", f"import flit_core.buildapi as b; b.build_wheel({tmp!r})"], check=True,
                   cwd=os.path.dirname(os.path.abspath(__file__)))
    names = zipfile.ZipFile(os.path.join(tmp, os.listdir(tmp)[0])).namelist()
assert "choir/views/calendar/rehearsals.py" in names and "choir/templates/login.html" in names
r = subprocess.run([sys.executable, "-c", "from choir import app; print(len(list(app.url_map.iter_rules())))"], cwd="/",
                   env=dict(os.environ, PYTHONPATH=os.getcwd()), capture_output=True, text=True, check=True)
assert int(r.stdout) == len(list(app.url_map.iter_rules())) == 6, r.stdout
print("proved")
