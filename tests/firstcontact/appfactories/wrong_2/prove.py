from app import create_app, subject
a = create_app({"EDITION": "Evening"})
assert "Evening" in a.test_client().get("/").text
with a.app_context():
    assert subject() == "[Daily]"
print("page says Evening, the extension says [Daily]")
