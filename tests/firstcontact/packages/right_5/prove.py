import os
from depot import app
os.chdir("/")
c = app.test_client()
assert [c.get(p).status_code for p in ("/", "/parcels/17", "/shelves", "/parcels/1", "/x")] == [200, 200, 200, 404, 404]
assert "Łódź &amp; Co" in c.get("/").text and c.get("/shelves").json == {"shelves": ["A", "C"]}
assert app.test_cli_runner().invoke(args=["count"]).output == "2\n"
print("ok")
