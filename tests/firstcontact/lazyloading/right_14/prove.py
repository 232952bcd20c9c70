import sys
from app import create_app
from museum.late import Late

app = create_app()
late = ("museum.visitors.rooms", "museum.visitors.tickets", "museum.exports")
assert not any(m in sys.modules for m in late)
c = app.test_client()
assert c.get("/museum/es/room/2", base_url="http://localhost").status_code == 200
assert "museum.visitors.tickets" not in sys.modules and "museum.exports" not in sys.modules
assert "Plata" in c.get("/museum/es/").text and 'href="/museum/es/room/1"' in c.get("/museum/es/").text
assert "Entradas" in c.get("/museum/es/tickets").text
assert c.get("/museum/catalogue.csv").mimetype == "text/csv" == c.get("/museum/catalogue.csv").mimetype
assert c.get("/en/").status_code == 404
v = Late("museum.exports.catalogue")
assert (v.__module__, v.__name__) == ("museum.exports", "catalogue")
print("proved")
