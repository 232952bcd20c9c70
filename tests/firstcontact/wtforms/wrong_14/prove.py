import bs4

from app import create_app

answers = []
client = create_app(answers).test_client()
data = {"name": "A", "email": "ada@example.org", "again": "yes", "topics": ["music", "sea"]}
response = client.post("/survey", data=data)
page = bs4.BeautifulSoup(response.text, "html.parser")
assert response.status_code == 400 and page.select_one(".ds-errors")
assert page.find("input", {"name": "email"})["value"] == "ada@example.org"
assert page.find("input", {"name": "again", "value": "yes"}).has_attr("checked")
assert not any(box.has_attr("checked") for box in page.find_all("input", {"name": "topics"}))
assert client.post("/survey", data={**data, "name": "Ada"}).status_code == 303
assert answers[0]["topics"] == ["music", "sea"]
