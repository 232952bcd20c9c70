import sys

from app import create_app
from panaderia.perezosa import vista

c = create_app().test_client()
assert not [m for m in sys.modules if m.startswith("panaderia.vistas")]
r = c.get("/panes/trigo/?moneda=CHF")
assert "2 CHF" in r.text and "Server-Timing" in r.headers     # the very first request
assert "panaderia.vistas.pan" in sys.modules and "panaderia.vistas.portada" not in sys.modules
assert "centeno" in c.get("/panes/").text
assert 'href="/tienda/panes/"' in c.get("/", headers={"X-Forwarded-Prefix": "/tienda"}).text
assert c.post("/pedido").status_code == 202
v = vista("panaderia.vistas.pedido.pedir")
assert (v.__module__, v.__name__) == ("panaderia.vistas.pedido", "pedir")
