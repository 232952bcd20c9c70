from app import create_app
app = create_app()
c = app.test_client()
assert c.get("/t/acme/invoices").status_code == 302
assert c.post("/login", data={"who": "ada", "pw": "countess"}).status_code == 303
a, b = c.get("/t/acme/invoices").json, c.get("/t/globex/invoices").json
assert a["href"] == "/t/acme/invoices" and b["invoices"] == ["/t/globex/invoices/7"]
assert c.get("/me").json["tenants"]["acme"] == "/t/acme/invoices"
assert c.get("/t/other/invoices").status_code == 404
assert c.get("/nothing").status_code == 404
d = app.test_client(); d.post("/login", data={"who": "bob", "pw": "builder"})
assert d.get("/t/acme/invoices").status_code == 404
