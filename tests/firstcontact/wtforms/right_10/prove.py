import bs4

from app import bestellungen, create_app

app = create_app()
client = app.test_client()
data = {"artikel": "tulpe-12", "kunde": "Ada Lovelace", "anschrift-strasse": "Am Markt 1", "anschrift-plz": "12345",
        "anschrift-ort": "Oberdorf", "trinkgeld": "2.50", "agb": "y"}
names = [i["name"] for i in bs4.BeautifulSoup(client.get("/").text, "html.parser").form.find_all("input")]
assert names == list(data)
assert client.post("/bestellungen", data=data).status_code == 303
for wrong in {"kunde": "A"}, {"anschrift-plz": "1234"}, {"trinkgeld": "viel"}, {"agb": ""}, {"agb": "false"}, {"artikel": ""}, {"anschrift-ort": ""}:
    response = client.post("/bestellungen", data={**data, **wrong})
    page = bs4.BeautifulSoup(response.text, "html.parser")
    assert response.status_code == 422 and len(page.find_all("mark")) == (2 if "trinkgeld" in wrong else 1), wrong
    assert page.find("input", {"name": "anschrift-strasse"})["value"] == "Am Markt 1"
assert "Dieses Feld wird benötigt" in client.post("/bestellungen", data={**data, "anschrift-ort": ""}).text
assert client.post("/rundbrief", data={"brief-adresse": "x"}).status_code == 422
assert client.post("/rundbrief", data={"brief-adresse": "a@example.org"}).status_code == 303
with app.app_context():
    assert [b["anschrift"]["plz"] for b in bestellungen()] == ["12345"]
