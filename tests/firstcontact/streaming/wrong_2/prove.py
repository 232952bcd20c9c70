import csv
import io
import tempfile

import app as module

app = module.create_app({"DATABASE": tempfile.mkdtemp() + "/log.db"})
client = app.test_client()


module.iter_all_rows = lambda: iter([["é", "1"], ["ü", "2"], ["x", "3"]])
data = client.get("/export.csv").data
assert data.count(b"\xef\xbb\xbf") == 3
print(list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))))
