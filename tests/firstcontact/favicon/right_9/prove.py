from bs4 import BeautifulSoup
from app import app
c = app.test_client()
ico = open("static/img/favicon.ico", "rb").read()
for path in "/", "/2024/5/pierwszy-maja.html", "/nie/ma":
    for headers, prefix in ({}, ""), ({"X-Forwarded-Prefix": "/gazeta"}, "/gazeta"):
        head = BeautifulSoup(c.get(path, headers=headers).text, "html.parser").head
        href = head.select_one('link[rel="icon"]')["href"]
        assert href.startswith(prefix + "/pliki/img/favicon.ico?v="), href
        assert c.get(href.removeprefix(prefix)).data == ico
        touch = head.select_one('link[rel="apple-touch-icon"]')["href"]
        assert c.get(touch.removeprefix(prefix)).mimetype == "image/png"
r = c.get("/favicon.ico")
assert r.status_code == 307 and c.get(r.location).data == ico
print("proved")
