from app import create_app

app = create_app({"WIKI_NAME": "Bees"})
assert "Bees" in app.test_client().get("/wiki/").text
try:
    create_app({"WIKI_NAME": "Wasps"})
except AssertionError as error:
    assert "setup method" in str(error)
else:
    raise SystemExit("a second app was created")
