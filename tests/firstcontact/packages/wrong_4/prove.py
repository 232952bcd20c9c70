import tomllib
from feedreader import create_app
assert create_app().test_client().get("/").status_code == 200
deps = tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"]
print("declared:", deps, "imported: flask, flask_caching")
assert deps == ["flask"]
