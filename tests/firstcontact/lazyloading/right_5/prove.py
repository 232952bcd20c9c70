import sys

import app as module

app = module.create_app()
client = app.test_client()
assert "texts" not in sys.modules
first = client.get("/über")
assert first.text == "Über uns" and first.headers["Content-Language"] == "de"
assert "texts.about" in sys.modules and "texts.contact" not in sys.modules
assert client.get("/about").text == "About us" and client.get("/о-нас").text == "О нас"
assert client.post("/nous-écrire").text == "fr POST" and client.put("/contact").status_code == 405
view = module.Lazily("texts.nothing.page")
for _ in range(2):
    try:
        view()
        raise SystemExit
    except (ImportError, AttributeError):
        pass
assert (view.__module__, view.__name__) == ("texts.nothing", "page")
print("ok")
