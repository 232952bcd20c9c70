from xml.etree import ElementTree

from app import app

client = app.test_client()
titles = set()
for path in "/lines", "/lines/7", "/lines/9a", "/board", "/lines/8", "/x":
    response = client.get(path, headers={"X-Forwarded-Prefix": "/bus"})
    assert response.mimetype == "application/xhtml+xml"
    root = ElementTree.fromstring(response.data)  # well-formed
    links = [e.get("href") for e in root.iter() if e.tag.endswith("}link")]
    assert links == ["/bus/static/tt.css"], path
    titles.add(root.find(".//{*}title").text)
    assert ("All times are local" in response.text) == (path != "/board")
assert titles == {"Lines of Bus <& Sons>", "Line 7", "Line 9a", "Board", "Not found"}
assert client.get("/lines/8").status_code == 404 and client.get("/static/tt.css").status_code == 200
