import re

from app import create_app, letterhead

for app, name in [(create_app({"COMPANY": c}), c) for c in ("One", "Two")] + [(create_app(), "Initech")]:
    client = app.test_client()
    assert client.get("/home").status_code == 302
    token = re.search(r'csrf_token"[^>]*value="([^"]+)', client.get("/auth/login").text)[1]
    form = {"name": "ada", "password": "engine", "csrf_token": token}
    assert client.post("/auth/login", data=form).status_code == 302
    assert f"Hello ada, this is {name}." in client.get("/home").text
    with app.app_context():
        assert letterhead() == f"*** {name} ***"
