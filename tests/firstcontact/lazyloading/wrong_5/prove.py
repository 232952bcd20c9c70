import sys

import app as module

client = module.create_app({"PROPAGATE_EXCEPTIONS": False}).test_client()
module_logger = __import__("logging").getLogger("app")
module_logger.disabled = True
assert client.get("/").status_code == 200
answer = client.get("/orders/")
assert answer.status_code == 500
print("the async view:", answer.status)
