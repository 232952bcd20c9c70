import sys

import app as module

client = module.create_app().test_client()
first, second = (client.get("/orders/", headers={"Accept-Language": "de"}).text for _ in range(2))
assert first != second
print("first:", first, "then:", second)
