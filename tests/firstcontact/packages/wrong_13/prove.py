import re
from app import create_app
app = create_app()
c = app.test_client()
page = c.get("/courts/")
assert page.status_code == 200
links = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
assert len(links) == 2 and all(c.get(u).status_code == 404 for u in links), links
assert app.root_path.endswith("bookings/core")
print("proved: the static files of the package are 404")
