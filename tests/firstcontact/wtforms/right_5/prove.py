import app as module

client = module.app.test_client()
valid = {"name": "Броненосец «Потёмкин»", "year": "1925", "genre": "d", "source": "site"}
assert client.post("/films/add", data=valid).status_code == 302
assert "Броненосец" in client.get("/films").text
for bad in ({"name": " "}, {"name": ""}, {"name": "x" * 101}, {"year": "1887"}, {"year": "2101"}, {"year": "x"}, {"genre": "x"}):
    r = client.post("/films/add", data={**valid, **bad})
    assert r.status_code == 200 and "errors" in r.text, bad
assert client.post("/films/add", data={**valid, "year": "", "genre": "", "name": "Пустой"}).status_code == 302
assert "Потёмкин" in client.get("/films/search", query_string={"q": "потё"}).text and "Пустой" not in client.get("/films/search", query_string={"q": "потё"}).text
assert "errors" in client.get("/films/search?q=x").text and "errors" not in client.get("/films/search").text
assert "&lt;b&gt;" in client.get("/films/search?q=<b>").text
assert client.head("/films/add").status_code == 200 and len(module.films) == 2
print("ok")
