from app import create_app
c = create_app().test_client()
r = c.get("/shop/no/cart", headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "shop.example"})
assert 'href="https://shop.example/shop/no/cart"' in r.text and "100 NOK" in r.text
assert 'href="/shop/fi/cart"' in r.text and 'href="/shop/terms"' in r.text
assert c.get("/shop/terms").text.count("/shop/se/") == 2
assert c.get("/shop/xx/").status_code == 404 and c.get("/shop/dk/").status_code == 410
assert c.get("/shop/nothing/at/all").status_code == 404 and c.get("/").status_code == 404
