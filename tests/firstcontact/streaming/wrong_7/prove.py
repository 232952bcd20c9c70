import csv
import io
import tempfile

import app as module

app = module.create_app({"DATABASE": tempfile.mkdtemp() + "/log.db"})
client = app.test_client()


app.logger.disabled = True


def rows():
    yield ["1"]
    yield ["2"]
    raise OSError("the database went away")


module.iter_all_rows = rows
response = client.get("/export.csv")
assert response.status_code == 200 and response.text == "1\r\n2\r\n"
print("a complete answer, with half of the table:", repr(response.text))
