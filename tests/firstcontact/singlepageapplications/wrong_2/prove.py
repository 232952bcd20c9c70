from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("rooms_app", "app.py"); m = module_from_spec(spec); spec.loader.exec_module(m)
r = m.create_app().test_client().get("/api/roms")
assert r.status_code == 200 and r.mimetype == "text/html"
print("/api/roms:", r.status, r.mimetype)
