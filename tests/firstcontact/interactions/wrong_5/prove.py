from app import app
c = app.test_client()
c.post("/notes", data={"text": "buy paint"})
assert "buy paint" in c.get("/report").text
assert "buy paint" in c.get("/").text
print("the message is on the streamed report, and again on the next page")
