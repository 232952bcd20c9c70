from app import create_app
c = create_app().test_client()
page = c.get("/pt-BR/status").text
assert "Consultar andamento" in page and 'href="/pt_BR/apply"' in page
assert c.get("/pt_BR/apply").status_code == 404
assert 'href="/en/apply"' in c.get("/en/status").text
