from app import create_app
c = create_app().test_client()
html = c.post("/notes", data={"text": "hi", "kind": "x onmouseover=alert(1)"}, follow_redirects=True).text
assert "<li class=x onmouseover=alert(1)>" in html
print("the category has become an attribute: <li class=x onmouseover=alert(1)>")
