from app import create_app
c = create_app().test_client()
i = open("site/index.html").read()
for p in ("/", "/a", "/a/b/", "/é"): assert c.get(p).text == i and c.get(p).status_code == 200
assert c.get("/donnees/x").status_code == 404 and c.get("/donnees/x").is_json
assert c.get("/fichiers/..%2f..%2fapp.py").status_code == 404 and c.post("/a").status_code == 404
assert c.post("/donnees/total").status_code == 405 and "Allow" in c.post("/donnees/total").headers
print("ok")
