from app import create_app, titre
a, b = create_app({"NOM_DU_REFUGE": "L'<Aiguille>"}), create_app()
a.test_client().post("/reservations", data={"nom": "Zoé"})
assert "Zoé" not in b.test_client().get("/reservations").text
assert "&lt;Aiguille&gt;" in a.test_client().get("/accueil").text
with b.app_context(): assert titre().endswith("Écrins")
print("ok")
