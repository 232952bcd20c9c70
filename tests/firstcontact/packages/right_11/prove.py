from app import create_app
from building import build, run

c = create_app().test_client()
assert c.get("/werkstatt/aufträge/").status_code == 302
assert c.post("/werkstatt/anmelden", data={"name": "ada", "kennwort": "x"}).status_code == 401
r = c.post("/werkstatt/anmelden", data={"name": "ada", "kennwort": "speiche"}, follow_redirects=True)
assert "Angemeldet als ada" in r.text and "Kette" in r.text
site, log = build("hatchling.build")
assert site, log
r = run("from werkstatt import create_app; c = create_app().test_client()\n"
        "print([c.get('/werkstatt/' + p).status_code for p in ('', 'anmelden', 'statisch/stil.css', 'aufträge/')])", site)
assert r.stdout.strip() == "[200, 200, 200, 302]", r
print("proved")
