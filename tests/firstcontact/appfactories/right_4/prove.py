from app import create_app, key_prefix
a, b = create_app({"SHOP": "A"}), create_app({"SHOP": "B"})
for app, n in ((a, "A"), (b, "B"), (a, "A")):
    assert f"<h1>{n}</h1>" in app.test_client().get("/shop/").text
    with app.app_context(): assert key_prefix() == n
print("ok")
