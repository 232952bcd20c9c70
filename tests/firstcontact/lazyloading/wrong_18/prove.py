import sys
from app import app

assert "allotment.views.plots" in sys.modules and "allotment.views.news" in sys.modules  # before any request
c = app.test_client()
for path in ("/", "/news", "/plots/", "/plots/3"):
    assert c.get(path).status_code == 200
print("proved")
