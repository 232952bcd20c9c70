from app import app
app.logger.disabled = True
c = app.test_client()
print(c.get("/xx/ferry").status_code, c.get("/no/such/page").status_code)
assert c.get("/xx/ferry").status_code == 404 and c.get("/no/such/page").status_code == 500
