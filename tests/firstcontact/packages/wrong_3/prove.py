from herbarium import app
app.logger.disabled = True
c = app.test_client()
print(app.root_path.split("wrong_3/")[1], [c.get(p).status_code for p in ("/api/plants", "/", "/static/herb.css")])
assert [c.get(p).status_code for p in ("/api/plants", "/", "/static/herb.css")] == [200, 500, 404]
