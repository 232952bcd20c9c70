import ast
import tomllib
from app import app
from building import PROJECT, run

assert app.test_client().get("/").status_code == app.test_client().get("/login").status_code == 200
needs = {d.lower() for d in tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["dependencies"]}
used = {n.module.split(".")[0] for f in (PROJECT / "forum").rglob("*.py") for n in ast.walk(ast.parse(f.read_text()))
        if isinstance(n, ast.ImportFrom)} - {"forum"}
assert {u for u in used if u.replace("_", "-") not in needs} == {"flask_login"}, used
# what somebody gets who installed only what is declared
r = run("import sys; sys.modules['flask_login'] = None; import forum")
assert r.returncode and "flask_login" in r.stderr
print("proved")
