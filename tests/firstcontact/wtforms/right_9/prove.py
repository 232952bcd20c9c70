import bs4

from app import create_app

client = create_app().test_client()


def post(path, data):
    page = bs4.BeautifulSoup(client.get(path).text, "html.parser")
    return client.post(path, data={"csrf_token": page.find("input", {"name": "csrf_token"})["value"], **data})


add = "/museum/stones/add"
assert post(add, {"label": "  Rose   quartz ", "origin": "1"}).status_code == 303
assert "Rose quartz (Alps)" in client.get("/museum/stones").text
assert post(add, {"label": "x  ", "origin": "1"}).text.count("problem") == 1
assert "Not a valid choice" in post(add, {"label": "Jade", "origin": "3"}).text
assert post("/museum/origins/add", {"name": "Harz"}).status_code == 303
assert "This origin exists" in post("/museum/origins/add", {"name": " Harz"}).text
assert "Harz" in client.get(add).text and post(add, {"label": "Jade", "origin": "3"}).status_code == 303
assert "Jade" in client.get("/museum/stones?q=jad").text and "Rose" not in client.get("/museum/stones?q=jad").text
assert "No stones" in client.get("/museum/stones?q=%25").text
assert "CSRF" in client.post(add, data={"label": "Jade", "origin": "1"}).text
assert client.get("/stones").status_code == 404
