from app import create_app, feed

app = create_app({"TRACKER_NAME": "Bugs of Ada"})
page = app.test_client().get("/issues/").text
assert "Bugs of Ada" not in page and "<h1>Issues</h1>" in page
with app.app_context():
    assert feed.title() == "Changes in Bugs of Ada"
