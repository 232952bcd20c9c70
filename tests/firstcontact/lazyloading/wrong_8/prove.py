import sys

import app as module

client = module.create_app().test_client()
head = client.head("/items/101")
get = client.get("/items/101")
assert (head.status_code, get.status_code) == (200, 404)
head = module.create_app().test_client().head("/items/7")
get = client.get("/items/7")
assert head.content_type != get.content_type
print("HEAD", head.status, head.content_type, "GET", get.status, get.content_type)
