from urllib.parse import urljoin

from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from app import create_app


def script(client, path):
    page = client.get(path)
    assert page.status_code == 200
    soup = BeautifulSoup(page.text, "html.parser")
    return client.get(urljoin(urljoin(path, soup.base["href"]), soup.script["src"]))


c = create_app().test_client()
assert "javascript" in script(c, "/").mimetype and "javascript" in script(c, "/task/2").mimetype
assert c.get("/api/x").status_code == 404

mounted = Client(DispatcherMiddleware(Flask("portal", static_folder=None), {"/team": create_app()}))
assert mounted.get("/team/api/tasks").json[0]["url"] == "/team/api/tasks/1"
assert mounted.get("/team/static/board.js").status_code == 200
assert script(mounted, "/team/").status_code == 404
assert script(mounted, "/team/task/2").status_code == 404
