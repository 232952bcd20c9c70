from app import create_app
app = create_app(); app.logger.disabled = True
c = app.test_client()
print(c.get("/laser/knots").status_code, c.get("/titanic/knots").status_code)
assert c.get("/titanic/knots").status_code == 500
