import sys

from app import create_app

app = create_app()
assert "bakery.views" not in sys.modules      # this one is lazy
assert "bakery.reports" in sys.modules        # this one is loaded at startup
assert "statistics" in sys.modules
c = app.test_client()
assert c.get("/").status_code == 200
assert c.get("/reports/stock").mimetype == "text/csv"
