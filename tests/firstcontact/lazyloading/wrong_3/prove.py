import sys

import app as module

client = module.create_app().test_client()
sys.modules["shop.orders"] = None  # as if something that it needs was not installed
answer = client.get("/orders/")
assert answer.status_code == 404
print("the module cannot be imported:", answer.status)
