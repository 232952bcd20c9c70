import io, tempfile
from app import create_app
with tempfile.TemporaryDirectory() as d:
    app = create_app({"PHOTOS": d})
    at = []
    for user, word in (("eva", "apple"), ("max", "pear")):
        c = app.test_client(); c.post("/login", data={"user": user, "password": word})
        at.append(c.post("/photos", data={"photo": (io.BytesIO(user.encode()), "me.png")}).location)
    assert at[0] == at[1] and app.test_client().get(at[0]).data == b"max"
print("eva's address shows max's picture")
