import io, os, tempfile

from bs4 import BeautifulSoup

from app import app

app.config["TONE"] = folder = tempfile.mkdtemp()
c = app.test_client()


def up(*files):
    return c.post("/tonarchiv/hochladen", data={"aufnahmen": [(io.BytesIO(d), n) for n, d in files]})


def links(r):
    return [a["href"] for a in BeautifulSoup(r.text, "html.parser").find_all("a")]


a = links(up(("../../Lied 1.MP3", b"eins"), ("日本語.ogg", b"zwei")))
assert a == ["/tonarchiv/datei/Lied_1.mp3", "/tonarchiv/datei/aufnahme.ogg"]
assert [c.get(x).data for x in a] == [b"eins", b"zwei"]
b = links(up(("Lied 1.mp3", b"drei")))
assert b == ["/tonarchiv/datei/Lied_1-2.mp3"] and c.get(a[0]).data == b"eins"
assert up(("a.html", b"x")).status_code == 415 and up(("a.mp3.html", b"x")).status_code == 415
assert up(("mp3", b"x")).status_code == 415 and up(("", b"")).status_code == 400
assert up(("a.mp3", b"x" * 3_000_000)).status_code == 413
assert c.post("/tonarchiv/hochladen").status_code == 400
assert len(os.listdir(folder)) == 3
page = BeautifulSoup(c.get("/tonarchiv/").text, "html.parser")
assert page.form["enctype"] == "multipart/form-data" and page.select_one("#fortschritt")
