from app import app
c = app.test_client()
c.post("/curator", data={"name": "nikolai", "password": "wheat1926"})
assert "The vault is open." in c.get("/report").text
assert "The vault is open." in c.get("/report").text
assert "The vault is open." in c.get("/").text
print("the streamed report shows the message, and so do the next two pages")
