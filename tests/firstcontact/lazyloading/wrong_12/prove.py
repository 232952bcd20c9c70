import sys

from app import create_app

app = create_app()
assert "clinic.rota" not in sys.modules
c = app.test_client()
assert c.get("/").status_code == 200
first = c.get("/rota/12", headers={"Accept-Language": "fr"})
second = c.get("/rota/12", headers={"Accept-Language": "fr"})
assert first.status_code == 500                       # g.language was never set
assert second.status_code == 200 and "Semaine" in second.text
