from app import app
t = app.test_client().get("/play", query_string={"team": "</script><script>alert(1)</script>"}).text
assert "</script><script>alert(1)" in t
print("the team's name closes the script element and starts another")
