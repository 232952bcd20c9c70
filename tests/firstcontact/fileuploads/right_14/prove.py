import io, os, re, tempfile
from app import create_app
c = create_app({"SCORES": tempfile.mkdtemp()}).test_client()
def up(*files, **kw):
    return c.post("/coro/partituras", data={"partitura": [(io.BytesIO(d), n) for n, d in files]}, **kw)
def links(r): return re.findall('href="([^"]+)"', r.text)
r = up(("Ave María.pdf", b"1"), ("../../x.MID", b"2")); assert r.status_code == 201
assert [c.get(u).data for u in links(r)] == [b"1", b"2"], links(r)
r2 = up(("Ave María.pdf", b"3")); assert c.get(links(r2)[0]).data == b"3" and c.get(links(r)[0]).data == b"1"
assert c.get(links(up(("ñ.pdf", b"4")))[0]).data == b"4"
assert up(("a.pdf", b"1"), ("b.html", b"2")).status_code == 400
assert up(("pdf", b"1")).status_code == 400 and c.post("/coro/partituras").status_code == 400 and up(("", b"")).status_code == 400
assert up(("a.pdf", b"x" * 5_100_000)).status_code == 413
assert "/prefix/coro/archivos/" in up(("p.pdf", b"1"), headers={"X-Forwarded-Prefix": "/prefix"}).text
assert c.get("/coro/archivos/../app.py").status_code == 404
assert "href=" in c.get("/coro/partituras").text
