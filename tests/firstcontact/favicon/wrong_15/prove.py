from urllib.parse import urljoin
from bs4 import BeautifulSoup
from app import app
c = app.test_client()
def icon(path):
    head = BeautifulSoup(c.get(path).text, "html.parser").head
    href = urljoin(path, head.select_one('link[rel~="icon"]')["href"])
    return href, c.get(href).status_code
assert icon("/news/2024/fair") == icon("/admin/") == ("/static/favicon.ico", 200)
assert icon("/admin/users/3") == ("/admin/static/favicon.ico", 404)
assert c.get("/favicon.ico").status_code == 200
print("proved: the icon of the deeper admin page is missing")
