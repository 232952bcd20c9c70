import re
from urllib.parse import urljoin

from app import app

client = app.test_client()
for path, status in {"/": 200, "/imprint": 200, "/news/bridge": 404, "/none": 200, "/news/none": 404}.items():
    href = re.search(r'rel="stylesheet" href="([^"]+)', client.get(path).text)[1]
    assert client.get(urljoin(path, href)).status_code == status, path
