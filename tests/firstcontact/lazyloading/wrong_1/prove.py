import sys

import app as module

client = module.create_app().test_client()
client.get("/")
text = client.get("/orders/").text
assert "item 7" in text and "shop.orders" not in sys.modules
print("/orders/ after /:", text)
