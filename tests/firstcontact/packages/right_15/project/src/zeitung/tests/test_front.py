def test_front(client):
    assert "Bridge" in client.get("/").text
