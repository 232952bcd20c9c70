import csv
import io
import tempfile

import app as module

app = module.create_app({"DATABASE": tempfile.mkdtemp() + "/log.db"})
client = app.test_client()


text = client.get("/timeline", query_string={"name": "<script>1</script>"}).text
assert "<script>1</script>" in text
print(text[:90])
