import re
from app import app
c = app.test_client()
c.get("/es/stages")
links = re.findall(r'href="([^"]+)"', c.get("/eu/stages").text)
print("the Basque page links to", links)
assert links == ["/es/", "/es/stages", "/es/camping"]
