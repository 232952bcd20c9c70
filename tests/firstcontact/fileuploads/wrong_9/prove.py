import io, os, tempfile

from app import create_app

folder = tempfile.mkdtemp()
c = create_app({"HOMEWORK_FOLDER": folder}).test_client()


def up(name, data=b"x"):
    return c.post("/homework/", data={"work": (io.BytesIO(data), name)})


assert up("a.pdf").location == "/homework/handed-in/a.pdf"
assert up("a.html").location == "/homework/"
r = up("essay.pdf.html", b"<script>alert(1)</script>")
assert r.location == "/homework/handed-in/essay.pdf.html"           # accepted
assert c.get(r.location).mimetype == "text/html"                    # and served as HTML
assert up("my.essay.pdf").location == "/homework/"                  # while this one is refused
