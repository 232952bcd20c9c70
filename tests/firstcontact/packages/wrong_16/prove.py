import sys, tomllib
project = tomllib.load(open("pyproject.toml", "rb"))["project"]
assert not any(d.startswith("requests") for d in project["dependencies"])
assert not any("requests" in d for d in project["dependencies"])
from app import create_app
assert create_app().test_client().get("/").status_code == 200
for name in [m for m in sys.modules if m.split(".")[0] in ("parcels", "requests")]:
    del sys.modules[name]
sys.modules["requests"] = None          # as after `pip install .`
from parcels import create_app
try:
    create_app()
except ImportError as error:
    assert "requests" in str(error)
else:
    raise AssertionError
print("proved: requests is imported but only a dev dependency")
