import sys
from app import create_app

app = create_app()
assert "bikeshop.views.cart" in sys.modules
assert "bikeshop.views.bikes" not in sys.modules and "bikeshop.views.legal" not in sys.modules
c = app.test_client()
for path in ("/", "/bikes/2", "/cart", "/imprint"):
    assert c.get(path).status_code == 200, path
assert c.post("/cart/add", data={"bike": 2}, follow_redirects=True).text.startswith("<p>1")
print("proved")
