import tempfile
from app import app, jobs
with tempfile.TemporaryDirectory() as d:
    app.config["SWAP_DB"] = d + "/s.db"
    c = app.test_client()
    assert c.post("/things", data={"text": "Lampe ☂/1"}).status_code == 202 and jobs.get_nowait() == ("added", "Lampe ☂/1")
    assert c.post("/things", data={"text": "x", "amount": "500"}).status_code == 409 and jobs.empty()
    assert c.get("/things").json == ["Lampe ☂/1"]
    assert c.post("/things/Lampe ☂/1", headers={"X-Method": "DELETE"}).status_code == 401
    assert "mo" in c.post("/session", data={"user": "mo", "key": "swap"}).text
    assert c.get("/things/Lampe ☂/1", headers={"X-Method": "DELETE"}).status_code == 200
    assert c.post("/things/Lampe ☂/1", headers={"X-Method": "DELETE"}).status_code == 200 and c.get("/things").json == []
    r = app.test_client().get("/things/none-such")
    assert r.status_code == 404 and "visitor" in r.headers["Set-Cookie"]
print("ok")
