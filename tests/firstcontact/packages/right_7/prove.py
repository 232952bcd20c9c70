import os, subprocess, sys, tempfile, zipfile
here = os.path.dirname(os.path.abspath(__file__))
from app import app
c = app.test_client()
assert c.get("/").status_code == 200 and c.get("/static/css/portal.css").status_code == 200
assert c.get("/old-window").status_code == 410
assert c.get("/staff/").status_code == 401
assert "till" in c.get("/staff/", auth=("till", "drawer")).text
with tempfile.TemporaryDirectory() as tmp:
    subprocess.run([sys.executable, "-c", f"import hatchling.build as b; print(b.build_wheel({tmp!r}))"],
                   cwd=here + "/portal-src", check=True, capture_output=True, text=True)
    names = zipfile.ZipFile(os.path.join(tmp, os.listdir(tmp)[0])).namelist()
assert {"portal/staff/templates/desk.html", "portal/static/css/portal.css", "portal/staff/desk.py"} <= set(names)
print("proved")
