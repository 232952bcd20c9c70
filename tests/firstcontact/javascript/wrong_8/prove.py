from app import app
t = app.test_client().get("/fact", query_string={"visitor": "<img src=x onerror=alert(1)>"}).text
assert "<img src=x onerror=alert(1)>" in t
print("fragment, not escaped:", t)
