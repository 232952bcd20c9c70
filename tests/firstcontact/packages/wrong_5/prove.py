import os, shutil, subprocess, sys, tempfile, zipfile
work = tempfile.mkdtemp()
shutil.copy("pyproject.toml", work); shutil.copytree("tidebook", work + "/tidebook")
code = "import setuptools.build_meta as b; print(b.build_wheel('.'))"
wheel = subprocess.run([sys.executable, "-c", code], cwd=work, capture_output=True, text=True, check=True).stdout.split()[-1]
names = zipfile.ZipFile(os.path.join(work, wheel)).namelist()
print([n for n in names if n.startswith("tidebook/")])
assert "tidebook/tables.py" in names and not [n for n in names if "templates" in n or "static" in n]
