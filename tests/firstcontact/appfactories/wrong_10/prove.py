from app import create_app, storage

app = create_app({"BUCKET": "links-test"})
assert app.test_client().get("/api/status").json["bucket"] == "links-test"
with app.app_context():
    assert storage.url().endswith("/links-production")  # tests write into production
