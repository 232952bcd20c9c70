from app import app
c = app.test_client()
assert "style.css" in c.get("/").text and "charset" in c.get("/").text
assert "style.css" not in c.get("/prices").text and "charset" not in c.get("/prices").text
print("/prices has lost the stylesheet and the charset of the layout")
