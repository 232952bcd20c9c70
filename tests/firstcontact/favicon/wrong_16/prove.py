from bs4 import BeautifulSoup
from app import app
c = app.test_client()
href = BeautifulSoup(c.get("/level/7").text, "html.parser").head.select_one('link[rel~="icon"]')["href"]
for url in href, "/favicon.ico":
    r = c.get(url)
    assert r.status_code == 200 and r.mimetype == "image/vnd.microsoft.icon"
    assert r.data.startswith(b"version https://git-lfs"), r.data
print("proved: the icon is the pointer of Git LFS")
