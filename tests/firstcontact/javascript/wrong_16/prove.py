from app import app
c = app.test_client()
html = c.get("/preview", query_string={"text": "<img src=x onerror=alert(1)>", "author": "<b>"}).text
assert "<img src=x onerror=alert(1)>" in html
assert "&lt;b&gt;" in html                     # the author is escaped
assert '<a rel="nofollow" href="https://x.org/">' in c.get("/preview?text=https://x.org/").text
print("proved: the comment's text is not escaped")
