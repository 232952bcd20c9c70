from pathlib import Path

from app import app

c = app.test_client()
page = c.get("/")
assert page.status_code == 200 and page.text == c.get("/some/where").text
built = Path("frontend/index.html").read_text()
assert "{{ heading }}" in built and "{{ what }}" in built
assert "<h1></h1>" in page.text and "{{" not in page.text      # Jinja has eaten them
assert c.get("/api/items").json["items"] and c.get("/api/x").status_code == 404
