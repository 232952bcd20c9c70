from app import create_app
c = create_app().test_client()
i = open("oberflaeche/index.html").read()
for p in ("", "buecher/2", "a/b/c.d", "über"): assert c.get("/schrank/" + p).text == i
assert c.get("/schrank/api/x/y").status_code == 404 and c.get("/schrank/api/x").is_json
assert c.get("/schrank/dateien/x.js").status_code == 404 and c.get("/schrank/dateien/haupt.js").status_code == 200
print("ok")
