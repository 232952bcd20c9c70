from app import create_app
from shop.ext import pricing

one, two, three = create_app({"SHOP_NAME": "One"}), create_app({"SHOP_NAME": "Two"}), create_app()
assert one.test_client().post("/v1/items", json={"sku": "jam", "cents": 1}).status_code == 201
for app, name in (one, "One"), (two, "Two"), (three, "Corner Shop"):
    data = app.test_client().get("/v1/items").json
    assert data["shop"] == name and len(data["items"]) == (2 if app is one else 1)
    with app.app_context():
        assert pricing.describe() == f"{name} (GBP)"
