import re
from app import create_app
c = create_app().test_client()
t = c.get("/", base_url="http://localhost/booking").text
print(re.findall('href="([^"]+)"', t))
assert 'href="/static/favicon.ico"' in t and "/booking/static/rooms.css" in t
