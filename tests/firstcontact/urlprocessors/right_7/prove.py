from app import create_app
c = create_app().test_client()
p = c.get("/verzeichnis/rm/gemeinde/chur/termine").text
assert 'href="/verzeichnis/rm/gemeinde/chur/"' in p and 'href="/verzeichnis/rm/"' in p
assert 'href="/verzeichnis/fr/"' in c.get("/impressum").text
assert 'href="/impressum"' in c.get("/verzeichnis/it/").text
assert c.get("/verzeichnis/xx/").status_code == 404
assert c.get("/verzeichnis/de/gemeinde/bern/").status_code == 404
assert c.get("/xyz").status_code == 404
