import re
from urllib.parse import urljoin
from app import create_app
c = create_app().test_client()
for page in ("/", "/track/", "/track/points"):
    url = urljoin(page, re.search('stylesheet" href="([^"]+)', c.get(page).text)[1])
    print(page, url, c.get(url).status_code)
assert c.get("/track/static/manual.css").status_code == 404
