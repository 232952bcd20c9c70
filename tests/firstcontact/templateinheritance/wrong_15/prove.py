from app import create_app

client = create_app().test_client()
evil = "<script>alert(1)</script>"
page = client.get("/search", query_string={"q": evil}).text
assert f"<h1>Search for {evil}</h1>" in page and f"<title>Search for {evil}" in page
assert "<extends>" in client.get("/terms/extends").text
assert client.get("/terms/x").status_code == 404
