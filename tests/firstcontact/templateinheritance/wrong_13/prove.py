from app import create_app

client = create_app().test_client()
assert "<title>Bees :: Forum" in client.get("/s/bees").text
assert client.get("/").status_code == 200
assert client.get("/s/hornets").status_code == 500  # 'nav' is undefined
assert client.get("/other").status_code == 500
