from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from app import create_app

plain = create_app().test_client()
mounted = Client(DispatcherMiddleware(Flask("portal", static_folder=None), {"/buch": create_app()}))
for client, prefix in ((plain, ""), (mounted, "/buch")):
    for path in ("/", "/person/2", "/a/b.c/d"):
        r = client.get(prefix + path)
        soup = BeautifulSoup(r.text, "html.parser")
        assert r.status_code == 200 and soup.base["href"] == prefix + "/"
        assert "javascript" in client.get(soup.script["src"]).mimetype
    assert client.get(prefix + "/schnittstelle/personen").json[1]["href"] == prefix + "/schnittstelle/personen/2"
    for path in ("/schnittstelle/nix", "/schnittstelle/personen/9"):
        r = client.get(prefix + path)
        assert r.status_code == 404 and r.mimetype == "application/json"
r = plain.get("/person/1", headers={"X-Forwarded-Prefix": "/buch"})
assert '<base href="/buch/">' in r.text
