import os, shutil, subprocess, sys, tempfile, zipfile
from app import app
assert app.test_client().get("/account/login").status_code == 200
with tempfile.TemporaryDirectory() as tmp:
    here = os.path.dirname(os.path.abspath(__file__))
    shutil.copytree(here, tmp + "/p")
    out = subprocess.run([sys.executable, "-c", "import setuptools.build_meta as b; print(b.build_wheel('..'))"],
                         cwd=tmp + "/p", check=True, capture_output=True, text=True).stdout.split()[-1]
    names = zipfile.ZipFile(f"{tmp}/{out}").namelist()
assert "gazette/templates/layout.html" in names and "gazette/account/__init__.py" in names, names
assert "gazette/static/style.css" in names
assert "gazette/templates/account/login.html" not in names
print("proved: the wheel lacks templates/account/login.html")
