from bs4 import BeautifulSoup
from app import app
c = app.test_client()
icons = lambda path: BeautifulSoup(c.get(path).text, "html.parser").head.select('link[rel~="icon"]')
assert icons("/") and icons("/tracks/1") and icons("/nowhere")
assert not icons("/tracks/1/map")
assert c.get("/favicon.ico").mimetype == "image/vnd.microsoft.icon"
print("proved: the map's head doesn't link the icon")
