import io, tempfile

from bs4 import BeautifulSoup

from app import create_app

c = create_app({"CV_FOLDER": tempfile.mkdtemp()}).test_client()
soup = BeautifulSoup(c.get("/jobs/apply").text, "html.parser")
form = soup.form
assert form["method"] == "post" and form.find("input", {"type": "file", "name": "cv"})
assert form.get("enctype") is None                      # "encoding" is no attribute in HTML
# what a browser sends for such a form
assert c.post("/jobs/apply", data={"cv": "my cv.pdf"}).status_code == 422
# what the server could do
r = c.post("/jobs/apply", data={"cv": (io.BytesIO(b"%PDF"), "my cv.pdf")})
assert r.status_code == 201
assert c.get(BeautifulSoup(r.text, "html.parser").a["href"]).data == b"%PDF"
