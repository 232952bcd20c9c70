from app import app
t = app.test_client().get("/plain?short=1").text
assert len(t) > 10
print("the replaced response is dropped:", t)
