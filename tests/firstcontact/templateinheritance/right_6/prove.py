from app import create_app

client = create_app().test_client()
titles = set()
for path in "/visite/", "/visite/egypte", "/visite/grece", "/boutique/", "/rien":
    page = client.get(path).text
    assert page.startswith("<!doctype html>") and "/statique/musee.css" in page and "Fermé le mardi" in page
    titles.add(page.split("<title>")[1].split("</title>")[0])
assert len(titles) == 5
page = client.get("/visite/egypte").text
assert "<em>momies</em>" in page and "&lt;sphinx&gt;" in page and "<title>Égypte &amp; Nubie ·" in page
assert 'og:title" content="Égypte &amp; Nubie"' in page and 'content="visite"' in page and "canonical" in page
assert client.get("/visite/rome").status_code == 404 and "12,00 €" in client.get("/boutique/").text
assert client.get("/statique/musee.css").status_code == 200
