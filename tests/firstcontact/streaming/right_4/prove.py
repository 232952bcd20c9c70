import app as module

client = module.create_app().test_client()
nasty = "<é'&\">"
assert "Salut &lt;é&#39;&amp;&#34;&gt;" in client.get("/site/pages/salut", query_string={"nom": nasty}).text
for path in ("bonjour", "tampon"):
    response = client.get(f"/site/pages/{path}", query_string={"nom": nasty})
    assert response.text.count("&lt;é&#39;&amp;&#34;&gt;") == 2 and nasty not in response.text, path
    assert response.mimetype == "text/html"
    assert not response.headers.get("Content-Length")
half = client.get("/site/pages/bavard", query_string={"nom": nasty}, buffered=False)
parts = iter(half.response)
next(parts)
assert "&lt;é" in next(parts).decode()
half.close()
assert client.head("/site/pages/bavard").status_code == 200
with client.session_transaction() as s:
    s["user"] = "Zoé"
mine = client.get("/site/pages/compte")
assert "Zoé" in mine.text and "Cookie" in mine.headers["Vary"]
assert "personne" in module.create_app().test_client().get("/site/pages/compte").text
print("ok")
