import os, shutil, subprocess, sys, tempfile
from app import app
assert app.test_client().get("/").status_code == 200
with tempfile.TemporaryDirectory() as tmp:
    shutil.copytree(os.path.dirname(os.path.abspath(__file__)), tmp + "/p")
    for hook in "build_wheel", "build_editable":
        r = subprocess.run([sys.executable, "-c", f"import flit_core.buildapi as b; print(b.{hook}('..'))"],
                           cwd=tmp + "/p", capture_output=True, text=True)
        assert r.returncode != 0 and "guest_book" in r.stderr, r.stderr + r.stdout
print("proved: neither a wheel nor an editable install can be built:", r.stderr.splitlines()[-1])
