from app import app
r = app.test_client().get("/nowhere")
print(r.status_code, r.text[-120:])
assert r.status_code == 200
