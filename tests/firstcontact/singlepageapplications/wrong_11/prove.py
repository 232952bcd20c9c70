from urllib.parse import urljoin

from bs4 import BeautifulSoup

from app import create_app

c = create_app().test_client()


def script(path):
    page = c.get(path)
    assert page.status_code == 200 and page.mimetype == "text/html"
    src = BeautifulSoup(page.text, "html.parser").script["src"]
    return c.get(urljoin(path, src)).mimetype


assert "javascript" in script("/") and "javascript" in script("/about")
assert script("/stars/vega") == "text/html"        # the page in place of the script
assert c.get("/api/stars/vega").json["name"] == "Vega"
assert c.get("/api/x").status_code == 404
