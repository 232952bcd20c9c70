from depot import app


def test_parcel():
    assert "shelf A" in app.test_client().get("/parcels/23").text


def test_missing():
    assert app.test_client().get("/parcels/1").status_code == 404
