import io, os, re, tempfile
from app import app
app.config["RAW_DATA"] = d = tempfile.mkdtemp()
c = app.test_client()
def link(name):
    r = c.post("/runs/new", data={"run": (io.BytesIO(b"1,2"), name)})
    return re.search('href="([^"]+)"', r.text)[1]
assert c.get(link("run1.csv")).data == b"1,2"
bad = link("run 2 (final).csv")
assert os.path.exists(os.path.join(d, "run_2_final.csv"))
assert bad == "/runs/raw/run%202%20%28final%29.csv" and c.get(bad).status_code == 404
