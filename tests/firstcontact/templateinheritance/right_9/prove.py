from app import create_app

client = create_app().test_client()
assert client.get("/tagebuch/").status_code == 302
assert client.post("/tagebuch/anmelden", data={"name": "ada", "kennwort": "x"}).status_code == 401
assert client.post("/tagebuch/anmelden", data={"name": "ada", "kennwort": "maschine"}).status_code == 303
for path in "/tagebuch/", "/tagebuch/2026-11-01", "/tagebuch/2026-11-02", "/tagebuch/2026-12-24", "/x":
    response = client.get(path)
    assert response.text.startswith("<!doctype html>") and "style.css?v=3" in response.text
    assert "Angemeldet als ada" in response.text and "nonce-" in response.headers["Content-Security-Policy"]
assert "<p>Viel &lt;Regen&gt;.</p>" in client.get("/tagebuch/2026-11-01").text
assert client.get("/tagebuch/2026-12-24").status_code == 404
assert client.get("/static/style.css").status_code == 200
