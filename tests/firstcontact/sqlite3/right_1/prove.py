import sqlite3
import tempfile

import app as module

opened = []
connect = sqlite3.connect
sqlite3.connect = lambda *a, **k: opened.append(connect(*a, **k)) or opened[-1]


def closed(connection):
    try:
        connection.execute("select 1")
    except sqlite3.ProgrammingError:
        return True


app = module.create_app({"BUCH_DATEI": tempfile.mkdtemp() + "/daten/buch.sqlite"})
with app.app_context():
    module.anlegen()
client = app.test_client()
assert client.post("/buch", data={"spruch": "Grüße <b>"}).status_code == 201
assert client.post("/buch/panne", data={"spruch": "weg"}).status_code == 500
assert "Grüße &lt;b&gt;" in client.get("/buch").text and "weg" not in client.get("/buch").text
assert client.get("/buch/suche?spruch=' or 1=1 --").text.count("Noch nichts") == 1
assert client.get("/buch/band").text == "Grüße <b>\r\n"
half = client.get("/buch/band", buffered=False)
half.close()
n = len(opened)
client.get("/impressum")
assert len(opened) == n and all(map(closed, opened))
print("all closed:", n)
