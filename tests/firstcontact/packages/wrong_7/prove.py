import shutil, subprocess, sys, tempfile
from nightbus import app
assert app.test_client().get("/").status_code == 200
work = tempfile.mkdtemp()
shutil.copy("pyproject.toml", work); shutil.copytree("nightbus", work + "/nightbus")
r = subprocess.run([sys.executable, "-c", "import flit_core.buildapi as b; b.build_editable('.')"], cwd=work, capture_output=True, text=True)
print(r.stderr.strip().splitlines()[-1])
assert r.returncode and "night_bus" in r.stderr
