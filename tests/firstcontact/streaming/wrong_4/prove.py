import csv
import io
import tempfile

import app as module

app = module.create_app({"DATABASE": tempfile.mkdtemp() + "/log.db"})
client = app.test_client()


with client.session_transaction() as session:
    session["user"] = "ada"
response = client.get("/mine")
assert "ada" in response.text and "Vary" not in response.headers
print(response.headers)
