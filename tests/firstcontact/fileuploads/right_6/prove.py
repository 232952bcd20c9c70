import io, os, tempfile

from bs4 import BeautifulSoup

from app import create_app

folder = tempfile.mkdtemp()
c = create_app({"RECIPES_DIR": folder}).test_client()
page = BeautifulSoup(c.get("/ricette/nuova").text, "html.parser")
assert page.form["enctype"] == "multipart/form-data"
token = page.find("input", {"name": "csrf_token"})["value"]


def up(name, data=b"x", **more):
    return c.post("/ricette/nuova", data={"csrf_token": token, "recipe": (io.BytesIO(data), name)} | more)


r = up("../../Torta della nonna.PDF", b"torta")
assert r.status_code == 201
assert c.get(BeautifulSoup(r.text, "html.parser").a["href"]).data == b"torta"
assert len(os.listdir(folder)) == 1
assert up("a.pdf.html").status_code == 422 and up("pdf").status_code == 422 and up("").status_code == 422
assert c.post("/ricette/nuova", data={"csrf_token": token}).status_code == 422
assert c.post("/ricette/nuova", data={"recipe": (io.BytesIO(b"x"), "a.pdf")}).status_code == 400
assert up("a.pdf", b"x" * 2_000_000).status_code == 413
assert len(os.listdir(folder)) == 1
assert c.get("/ricette/../app.py").status_code == 404
