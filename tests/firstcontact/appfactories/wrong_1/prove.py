from app import create_app, mail_signature
a = create_app({"LIBRARY_NAME": "Aville"}); b = create_app({"LIBRARY_NAME": "Btown"})
with a.app_context():
    assert "Btown" in mail_signature()
    print("the first app signs as:", mail_signature().strip())
