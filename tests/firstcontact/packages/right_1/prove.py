import os
os.chdir("/")
from brieftauben import app
c = app.test_client()
assert [c.get(p).status_code for p in ("/", "/fluege", "/schlaege/süd", "/static/taube.css", "/x", "/schlaege/x")] == [200, 200, 200, 200, 404, 404]
assert "Rote &amp; Weiße" in c.get("/schlaege/süd").text and "Verflogen" in c.get("/x").text
print("ok")
