from app import create_app

app = create_app()
app.config["WTF_CSRF_ENABLED"] = False
client = app.test_client()
assert client.post("/offers/new", data={"plant": "Black bean", "grams": "20"}).status_code == 302
assert "Black bean" in client.get("/offers/").text
assert client.post("/offers/new", data={"plant": "Black bean", "grams": "0"}).status_code == 200
page = client.get("/offers/search?q=bean").text
assert 'value="bean"' in page and "0 found" in page and "Black bean" not in page
