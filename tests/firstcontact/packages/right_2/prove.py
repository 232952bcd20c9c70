import os, shutil, subprocess, sys, tempfile, zipfile
from app import app
c = app.test_client()
assert c.post("/orders/", data={"goods": "soap", "amount": "2"}).status_code == 303
assert "2 × Soap &amp; brushes" in c.get("/orders/").text
assert c.post("/orders/", data={"goods": "soap", "amount": "x"}).status_code == 422
assert [c.get(p).status_code for p in ("/", "/goods.json", "/static/coop.css", "/x")] == [200, 200, 200, 404]
work = tempfile.mkdtemp()
shutil.copy("pyproject.toml", work); shutil.copytree("src", work + "/src", ignore=shutil.ignore_patterns("__pycache__"))
out = subprocess.run([sys.executable, "-c", "import setuptools.build_meta as b; print(b.build_wheel('.'))"], cwd=work, capture_output=True, text=True, check=True).stdout.split()[-1]
names = zipfile.ZipFile(os.path.join(work, out)).namelist()
assert {"coopstore/templates/coop.html", "coopstore/static/coop.css", "coopstore/orders/templates/orders/index.html"} <= set(names)
print("ok")
