import tempfile
from app import create_app, labels
with tempfile.TemporaryDirectory() as d:
    c = create_app({"BAKERY_DB": d + "/b.db"}).test_client()
    r = c.post("/orders", data={"text": "rye", "quantity": "1000"})
    assert r.status_code == 409 and c.get("/orders").json == [] and labels.qsize() == 1
print("no order stored, but a label is queued")
