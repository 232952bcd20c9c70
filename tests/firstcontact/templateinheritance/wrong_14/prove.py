from app import create_app

client = create_app().test_client()
assert client.get("/").text.startswith("<!doctype html>")
assert client.get("/x").status_code == 404 and client.get("/x").text.startswith("<!doctype html>")
page = client.get("/stations/york").text
assert page.startswith("<svg") and page.index("<svg") < page.index("<!doctype html>")
