from app import create_app

client = create_app().test_client()
for path in "/", "/wines/", "/wines/malbec/", "/wines/beer/", "/x":
    page = client.get(path).text
    assert page.lstrip().startswith("<!doctype html>") and "wine.css" in page and ">Our wines</a>" in page
    part = client.get(path, headers={"HX-Request": "true"}).text
    assert "<html" not in part and part.lstrip().startswith("<title>") and "wine.css" not in part
assert "HX-Request" in client.get("/").headers["Vary"]
assert "<span><a" in client.get("/").text and "Malbec of 2021" in client.get("/wines/malbec/").text
assert client.get("/wines/beer/").status_code == 404 and "No beer from" in client.get("/wines/beer/").text
