from app import create_app
c = create_app().test_client()
r = c.delete("/entries/1")
assert r.status_code == 302 and c.delete(r.location).status_code == 405
print("DELETE answers 302; fetch repeats DELETE on the next page: 405")
