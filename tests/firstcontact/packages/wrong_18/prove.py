from building import PROJECT, run

code = """
from gezeiten import create_app
c = create_app().test_client()
print([c.get(p).status_code for p in ("/", "/impressum", "/haefen/", "/haefen/Husum")])
"""
assert run(code, cwd=PROJECT).stdout.strip() == "[200, 200, 200, 200]"
assert run(code, cwd="/").stdout.strip() == "[200, 200, 500, 500]"
print("proved")
