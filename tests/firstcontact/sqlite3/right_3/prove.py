import sqlite3
import tempfile

import app as module

opened = []
connect = sqlite3.connect
sqlite3.connect = lambda *a, **k: opened.append(connect(*a, **k)) or opened[-1]
path = tempfile.mkdtemp() + "/l.db"
app = module.create_app({"DATABASE": path})
client = app.test_client()
for n in range(10):
    assert client.put("/ledger/new", data={"entry": "same" if n % 2 else f"<{n}>"}).status_code == 303
assert client.put("/ledger/void", data={"entry": "void"}).status_code == 500
assert client.get("/ledger/all").text.count("<td>") == client.get("/ledger").text.count("<td>") == 10
assert client.get("/ledger/only?entry=same").text.count("<td>") == 5
again = module.create_app({"DATABASE": path}).test_client()  # a restart keeps the rows
assert again.get("/ledger").text.count("<td>") == 10
response = client.get("/ledger/all", buffered=False)
next(iter(response.response))
response.close()
for c in opened:
    try:
        c.execute("select 1")
        raise SystemExit("open")
    except sqlite3.ProgrammingError:
        pass
n = len(opened)
client.get("/")
assert len(opened) == n
print("ok", n)
