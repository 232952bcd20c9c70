import io, re, tempfile
from app import create_app
app = create_app(); app.config["JUSTIFICATIFS"] = tempfile.mkdtemp()
c = app.test_client()
assert c.get("/depot").status_code == 302
assert c.post("/connexion", data={"nom": "colette", "secret": "sido"}).status_code == 302
page = c.get("/depot").text
assert "multipart/form-data" in page and "colette" in page
token = re.search('name="csrf_token"[^>]*value="([^"]+)"', page)[1]
def up(name, data=b"%PDF"): return c.post("/depot", data={"csrf_token": token, "piece": (io.BytesIO(data), name)})
r = up("../Ma pièce.PDF"); assert r.status_code == 303, r.text
assert c.get(r.location).data == b"%PDF"
assert c.get(up("é.pdf").location).data == b"%PDF"
assert up("x.php").status_code == 400 and up("pdf").status_code == 400 and up("").status_code == 400
assert up("a.pdf", b"x" * 2_200_000).status_code == 413
assert c.post("/depot", data={"piece": (io.BytesIO(b"x"), "a.pdf")}).status_code == 400
assert c.get("/pieces/../app.py").status_code == 404
