from app import app
html = app.test_client().get("/").text
assert "xhr.addEventListener(\"progress\"" in html and "xhr.upload" not in html
print("the bar listens to xhr's progress, which is the download of the response, not to xhr.upload's")
