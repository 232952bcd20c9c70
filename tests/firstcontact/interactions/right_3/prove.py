import tempfile
import app as m
with tempfile.TemporaryDirectory() as d:
    a = m.create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{d}/f.db"}); c = a.test_client()
    assert c.post("/commandes", data={"nom": "tomme/é", "kilos": "2"}).status_code == 201 and m.FILE == [1]
    assert c.post("/commandes", data={"nom": "x", "kilos": "0"}).status_code == 422 and m.FILE == [1]
    assert c.get("/commandes").json == ["tomme/é"]
    h = {"X-HTTP-Method-Override": "DELETE"}
    assert c.post("/commandes/tomme/é", headers=h).status_code == 401
    c.post("/entree", data={"nom": "zoé", "mot": "brie"})
    assert c.get("/commandes/tomme/é", headers=h).status_code == 405
    assert c.post("/commandes/tomme/é", headers=h).status_code == 204 and c.get("/commandes").json == []
print("ok")
