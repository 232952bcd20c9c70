import os, subprocess, sys, tempfile, zipfile
from app import create_app
c = create_app().test_client()
assert [c.get(p).status_code for p in ("/v1/stations", "/v1/stations/SMA", "/v1/stations/x", "/v1/search", "/v1/search?q=flu", "/v1/about")] == [200, 200, 404, 400, 200, 200]
here = os.path.dirname(os.path.abspath(__file__))
with tempfile.TemporaryDirectory() as tmp:
    subprocess.run([sys.executable, "-c", f"import flit_core.buildapi as b; b.build_wheel({tmp!r})"], check=True, cwd=here + "/server")
    names = zipfile.ZipFile(os.path.join(tmp, os.listdir(tmp)[0])).namelist()
assert "wetter/data/about.json" in names and "wetter/search.py" in names
print("proved")
