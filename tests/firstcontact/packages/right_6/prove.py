import os, shutil, subprocess, sys, tempfile, zipfile
here = os.path.dirname(os.path.abspath(__file__))
with tempfile.TemporaryDirectory() as tmp:
    shutil.copytree(here, tmp + "/p")
    out = subprocess.run([sys.executable, "-c", "import setuptools.build_meta as b; print(b.build_wheel('..'))"],
                         cwd=tmp + "/p", check=True, capture_output=True, text=True).stdout.split()[-1]
    zipfile.ZipFile(f"{tmp}/{out}").extractall(tmp + "/site")
    code = """
import ferien
from ferien.web import create_app
app = create_app('produktion'); c = app.test_client()
assert ferien.__file__.startswith(%r)
before = {str(r) for r in app.url_map.iter_rules()}
assert [c.get(p).status_code for p in ('/urlaub/', '/urlaub/antraege/neu', '/urlaub/antraege/', '/urlaub/stand', '/ablage/stil.css', '/x')] == [200, 200, 200, 204, 200, 404]
""" % (tmp + "/site")
    subprocess.run([sys.executable, "-c", code], cwd="/", env=dict(os.environ, PYTHONPATH=tmp + "/site"), check=True)
print("proved: the built wheel works from any folder")
