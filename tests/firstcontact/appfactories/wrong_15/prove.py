from app import create_app

apps = {name: create_app({"TENANT": name}) for name in ("Acme", "Bolt", "Cog", "Dyn", "Eel")}
seen = {name: app.test_client().get("/status/").text for name, app in apps.items()}
assert any(f"Services of {name}<" not in text for name, text in seen.items())
assert len(set(seen.values())) == 1  # the same tenant everywhere
