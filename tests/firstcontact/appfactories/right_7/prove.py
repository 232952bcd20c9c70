from app import create_app, ics

one, two, three = create_app(VEREIN="Eins"), create_app(VEREIN="Zwei"), create_app()
for app, name in (one, "Eins"), (two, "Zwei"), (three, "Imkerverein Oberdorf"):
    assert name in app.test_client().get("/kalender/").text
    assert name in app.test_client().get("/kalender/termine.ics").text
    assert app.test_client().get("/x").status_code == 404
try:
    create_app("fehlt.toml")
except FileNotFoundError:
    pass
else:
    raise SystemExit("no error")
