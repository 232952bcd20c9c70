import app as module

client = module.create_app().test_client()
valid = {"number": "A-0001", "ship_to-city": "Zürich", "ship_to-country": "ch", "items-0": "Tea", "items-1": "Cups"}
assert "<form" in client.get("/order").text and "<em>" not in client.get("/order").text
assert "on its way" in client.post("/order", data=valid).text
assert "of that number" in client.post("/order", data=valid).text
for bad in ({"number": "x"}, {"ship_to-city": ""}, {"ship_to-country": "xx"}, {"items-1": ""}, {"items-0": "x" * 21}):
    r = client.post("/order", data={**valid, "number": "A-0002", **bad})
    assert "<em>" in r.text and "on its way" not in r.text, bad
assert "Which city?" in client.post("/order", data={**valid, "number": "A-0003", "ship_to-city": ""}).text
assert '&#34;&gt;&lt;i&gt;' in client.post("/order", data={**valid, "ship_to-city": '"><i>', "number": ""}).text
assert "on its way" in client.post("/order", data={**valid, "number": "mark777A-0001"}).text
assert client.get("/orders.txt").text == "A-0001\nmark777A-0001\n"
print("ok")
