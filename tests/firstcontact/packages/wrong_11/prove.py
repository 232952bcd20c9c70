import sys
from app import create_app
c = create_app().test_client()
c.post("/admin/notices", data={"text": "Aula closed"})
assert "Aula closed" in c.get("/admin/notices").text
assert "Aula closed" not in c.get("/").text
assert sys.modules["board"].__file__ == sys.modules["rooms.board"].__file__
assert sys.modules["board"] is not sys.modules["rooms.board"]
print("proved: rooms/board.py is imported twice, and the notices are not shown")
