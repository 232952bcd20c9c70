import io, tempfile

from app import create_app

app = create_app({"PHOTOS": tempfile.mkdtemp()})
c = app.test_client()


def up(n):
    return c.post("/photos", data={"photo": (io.BytesIO(b"x" * n), "a.jpg")})


assert up(1000).status_code == 201
r = up(3_000_000)
assert r.status_code == 201                    # three times the limit
assert len(c.get(r.json["href"]).data) == 3_000_000
app.config["BODY_LIMITS"]["photos.upload"] = 1_000_000
assert up(3_000_000).status_code == 413        # as it was meant
