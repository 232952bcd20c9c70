from app import create_app

client = create_app().test_client()
evil = "<script>alert(1)</script>"
page = client.post("/join", data={"nick": evil, "email": "ada@example.org", "rules": "y"}).text
assert f"<em>{evil}</em>" in page
client.post("/join", data={"nick": "Ada", "email": "ada@example.org", "bio": evil, "rules": "y"})
assert evil not in client.get("/people").text and "Ada" in client.get("/people").text
