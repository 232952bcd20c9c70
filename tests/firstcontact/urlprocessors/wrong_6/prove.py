from app import create_app
app = create_app(); app.logger.disabled = True
c = app.test_client()
print(c.get("/wien/sights").status_code, c.get("/").status_code)
assert c.get("/").status_code == 500 and c.get("/imprint").status_code == 200
