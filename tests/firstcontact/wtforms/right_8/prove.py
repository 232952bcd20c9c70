import bs4

from app import create_app

client = create_app().test_client()


def post(path, data):
    page = bs4.BeautifulSoup(client.get(path).text, "html.parser")
    return client.post(path, data={"csrf_token": page.find("input", {"name": "csrf_token"})["value"], **data})


assert client.get("/reservas/nueva").status_code == 302
assert post("/entrar", {"usuario": "ada", "clave": "x"}).status_code == 403
assert post("/entrar", {"usuario": "ada", "clave": "maquina"}).status_code == 302
data = {"motivo": "Club de lectura", "sala": "azul", "desde": "10:00", "hasta": "12:30", "asistentes": "0",
        "equipo": ["pizarra", "cafe"]}
assert post("/reservas/nueva", data).status_code == 302
assert "Sesión de ada" in client.get("/reservas").text and client.get("/reservas").text.count("Club de lectura") == 1
for wrong in {"hasta": "09:00"}, {"sala": ""}, {"motivo": "<b>abcd"}, {"asistentes": "41"}, {"equipo": ["tele"]}:
    response = post("/reservas/nueva", {**data, **wrong})
    page = bs4.BeautifulSoup(response.text, "html.parser")
    assert response.status_code == 400 and page.select_one(".resumen li"), wrong
    assert page.find("input", {"name": "desde"})["value"] == "10:00"
    assert "tele" in str(wrong) or len(page.select("[name=equipo][checked]")) == 2
assert client.get("/reservas").text.count("<dt>") == 1
