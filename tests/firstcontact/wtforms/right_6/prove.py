import re

from app import create_app

client = create_app().test_client()


def post(path, **data):
    token = re.search(r'csrf_token"[^>]*value="([^"]+)', client.get(path).text)[1]
    return client.post(path, data={"csrf_token": token, **data})


new = "/club/inscription"
ada = {"nom": " Ada <b>", "courriel": "ADA@example.org ", "genre": "essai"}
assert post(new, **ada).status_code == 303
assert post(new, **ada).status_code == 422
assert "Ada &lt;b&gt;</a>" in client.get("/club/").text
assert post(new, **{**ada, "courriel": "x"}).text.count("Adresse invalide") == 1
assert 'value="Colette"' in client.get("/club/lecteurs/1").text
colette = {"nom": "Sidonie", "courriel": "colette@example.org", "genre": "poesie"}
assert post("/club/lecteurs/1", **{**colette, "courriel": "ada@example.org"}).status_code == 422
assert "Sidonie" not in client.get("/club/").text
assert post("/club/lecteurs/1", **colette).status_code == 303
assert "Sidonie" in client.get("/club/").text and " checked" not in client.get("/club/lecteurs/1").text
assert client.post(new, data=ada).status_code == 422
