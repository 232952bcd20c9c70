from bs4 import BeautifulSoup
from app import create_app
c = create_app().test_client()
def icon(path):
    head = BeautifulSoup(c.get(path).text, "html.parser").head
    href = head.select_one('link[rel~="icon"]')["href"]
    return href, c.get(href).status_code
assert icon("/") == icon("/about/us") == ("/static/favicon.ico", 200)
assert icon("/guide/") == ("/guide/static/favicon.ico", 200)
assert icon("/atlas/") == icon("/atlas/1") == ("/atlas/static/favicon.ico", 404)
assert c.get("/favicon.ico", follow_redirects=True).status_code == 200
print("proved: the atlas' pages link an icon that isn't there")
