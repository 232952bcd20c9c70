import bs4

from app import app

client = app.test_client()
for path in "/", "/offers", "/contact", "/none":
    page = bs4.BeautifulSoup(client.get(path).text, "html.parser")
    links = page.select("nav a")
    assert [a["href"] for a in links] == ["/", "/offers", "/contact"]
    assert all(a.get_text(strip=True) == "" for a in links)  # no labels
