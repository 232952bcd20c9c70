from app import create_app

client = create_app().test_client()
for path in "/", "/films/metropolis", "/none":
    assert "/static/site.css" in client.get(path).text and "viewport" in client.get(path).text
for path in "/office/", "/office/sales":
    page = client.get(path).text
    assert "site.css" not in page and "viewport" not in page  # copied and lost
    assert "office.css" in page and page.count("<title>") == 1
