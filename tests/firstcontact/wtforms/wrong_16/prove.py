from app import create_app

app = create_app()
ada, bob = app.test_client(), app.test_client()
data = {"name": "Ada Lovelace", "email": "ada@example", "phone": "020 7946", "message": "Water in bath"}
assert "Invalid email" in ada.post("/contact", data=data).text
page = bob.get("/contact").text
assert "Ada Lovelace" in page and "020 7946" in page and "Invalid email" in page  # a stranger sees it
data["email"] = "ada@example.org"
assert ada.post("/contact", data=data).status_code == 302
assert len(ada.get("/office/requests.json").json) == 1
assert "Ada Lovelace" not in bob.get("/contact").text
