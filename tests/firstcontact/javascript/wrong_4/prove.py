from app import app
t = app.test_client().get("/recipe", environ_overrides={"SCRIPT_NAME": "/canteen"}).text
assert 'suggestions_url = "/suggestions/any"' in t and 'href="/canteen/"' in t
print("mounted at /canteen, the script still fetches /suggestions/any")
