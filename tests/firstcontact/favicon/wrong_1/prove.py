import re
from urllib.parse import urljoin
from app import app
c = app.test_client()
for page in ("/", "/months/may/3"):
    url = urljoin(page, re.search('rel="icon" href="([^"]+)', c.get(page).text)[1])
    status = c.get(url).status_code
    print(page, url, status)
assert status == 404
