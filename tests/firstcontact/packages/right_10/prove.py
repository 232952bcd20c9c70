import os, shutil, subprocess, sys, tempfile, zipfile
here = os.path.dirname(os.path.abspath(__file__))
with tempfile.TemporaryDirectory() as tmp:
    shutil.copytree(here, tmp + "/p")
    out = subprocess.run([sys.executable, "-c", "import setuptools.build_meta as b; print(b.build_wheel('..'))"],
                         cwd=tmp + "/p", check=True, capture_output=True, text=True).stdout.split()[-1]
    assert "7.3" in out
    zipfile.ZipFile(f"{tmp}/{out}").extractall(tmp + "/site")
    code = """
import caisse
assert caisse.__file__.startswith(%r)
c = caisse.application.test_client()
assert [c.get(p).status_code for p in ('/', '/articles/', '/articles/1', '/articles/9', '/public/caisse.css')] == [307, 200, 200, 404, 200]
""" % (tmp + "/site")
    subprocess.run([sys.executable, "-c", code], cwd="/", env=dict(os.environ, PYTHONPATH=tmp + "/site"), check=True)
    r = subprocess.run([sys.executable, "-m", "flask", "--app", "caisse", "routes"], cwd=tmp,
                       env=dict(os.environ, PYTHONPATH=tmp + "/site"), check=True, capture_output=True, text=True)
    assert "/articles/<int:id>" in r.stdout
print("proved")
