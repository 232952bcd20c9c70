import re
from app import create_app
t = create_app().test_client().get("/globe/").text
links = re.findall(r'href="([^"]+)"', t)
print(links)
assert "/static/desk.css?house=globe" in links and "/imprint?house=globe" in links
