from app import create_app, mailer

one, two = create_app({"NEWSLETTER": "Morning Post"}), create_app({"NEWSLETTER": "Evening Post"})
for app, name in (one, "Morning Post"), (two, "Evening Post"):
    assert name in app.test_client().get("/imprint").text
    app.test_client().post("/subscribe", data={"email": "ada@example.org"})
assert "Morning Post" in one.extensions["mailer"]["outbox"][0]
assert "Morning Post" in two.extensions["mailer"]["outbox"][0]  # should be Evening Post
with two.app_context():
    assert mailer.from_line().startswith("From: Morning Post")
