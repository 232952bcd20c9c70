import csv
import io
import tempfile

import app as module

app = module.create_app({"DATABASE": tempfile.mkdtemp() + "/log.db"})
client = app.test_client()


read = []


def rows():
    for number in range(500):
        read.append(number)
        yield [str(number)]


module.iter_all_rows = rows
response = client.get("/export.csv", buffered=False)
assert len(read) == 500
print("rows read before the first one is sent:", len(read))
