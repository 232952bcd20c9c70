import sys

import app as module

app = module.create_app()
client = app.test_client()
assert not any(name.startswith("kino") for name in sys.modules)
assert sorted(app.view_functions) == ["film", "heute", "karten"]
assert client.get("/film/").json == {"titel": "Überraschung"}
assert "kino.programm" in sys.modules and "kino.kasse" not in sys.modules
assert client.options("/karten").status_code == 200 and "kino.kasse" not in sys.modules
assert client.get("/karten").json == {"methode": "GET"} and client.patch("/karten").json == {"methode": "PATCH"}
view = module.später("kommt.noch.view")
assert (view.__module__, view.__name__) == ("kommt.noch", "view")
for _ in range(2):
    try:
        view()
        raise SystemExit
    except ModuleNotFoundError:
        pass
print("ok")
