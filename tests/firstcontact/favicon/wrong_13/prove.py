from bs4 import BeautifulSoup
from app import app
c = app.test_client()
for path in "/", "/p/welcome":
    links = BeautifulSoup(c.get(path).text, "html.parser").head.find_all("link")
    assert [l["rel"] for l in links] == [["shortcut-icon"]], links
    assert c.get(links[0]["href"]).status_code == 200
assert c.get("/favicon.ico").status_code == 200
print("proved: no link has the relation icon")
