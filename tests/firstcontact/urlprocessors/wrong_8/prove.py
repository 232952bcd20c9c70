from app import create_app
t = create_app().test_client().get("/<img src=x onerror=alert(1)>/about").text
assert "<h1>Space of <img src=x onerror=alert(1)></h1>" in t
print("a link with markup in it runs on the page: <img src=x onerror=alert(1)>")
