import builtins
import pathlib
import tempfile

import app as module

app = module.create_app({"FOLDER": tempfile.mkdtemp()})
client = app.test_client()
files = []
original = pathlib.Path.open
pathlib.Path.open = lambda *a, **k: files.append(original(*a, **k)) or files[-1]
with client.head("/letter") as response:
    assert response.status_code == 200
half = client.get("/letter", buffered=False)
next(iter(half.response))
half.close()
with client.get("/letter") as response:
    assert response.data.decode().count("Szanowni Państwo") == 1000
assert len(files) == 3 and all(f.closed for f in files), files
closed = []


def rows():
    try:
        for n in range(5):
            yield {"id": n, "name": 'a"\rb', "town": "=1+1"}
        raise OSError("gone")
    finally:
        closed.append(n)


module.people = rows
try:
    client.get("/people.csv").data
except OSError:
    pass
else:
    raise AssertionError("a broken table is not whole")
half = client.get("/people.csv", buffered=False)
assert next(iter(half.response)) == b'"0","a""\rb","=1+1"\r\n'
half.close()
assert closed == [4, 0], closed
assert client.post("/greeting", data={"name": "<b>ż"}).text == "Dzień dobry, <b>ż!\n"
assert client.get("/mine").text == "visit\n1\n" and client.get("/mine").text == "visit\n2\n"
print("ok")
