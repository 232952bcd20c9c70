from app import create_app
c = create_app().test_client()
assert "<h1>" in c.get("/").text and c.get("/").text == "en"
print("second visit, the whole page is:", c.get("/").text)
