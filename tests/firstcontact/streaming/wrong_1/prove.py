import csv
import io
import tempfile

import app as module

app = module.create_app({"DATABASE": tempfile.mkdtemp() + "/log.db"})
client = app.test_client()


module.iter_all_rows = lambda: iter([["1", "first\rsecond"], ["2", "a\nb"]])
text = client.get("/export.csv").text
assert '"a\nb"' in text and "first\rsecond" in text and '"first\rsecond"' not in text
try:
    read = list(csv.reader(io.StringIO(text, newline="")))
except csv.Error as error:
    print(repr(text), error)
else:
    assert read[0] != ["1", "first\rsecond"]
    print(repr(text), read)
