from app import create_app

client = create_app().test_client()
page = client.get("/recipes/scones").text
assert "data-grams" in page and "main.css" in page and "<title>Scones | Recipes" in page
assert "scale.js" not in page  # never gets into the page
assert "scale.js" in open("templates/recipe.html").read()
