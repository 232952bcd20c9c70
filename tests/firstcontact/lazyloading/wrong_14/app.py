from flask import Flask

from lazyload import lazy_view

app = Flask(__name__)
app.config["SITE"] = "Cooking club"

# One table of all URLs: rule, endpoint, view
for rule, endpoint, name in [
    ("/", "home", "club.home.index"),
    ("/recipes/", "recipes", "club.recipes.index"),
    ("/recipes/<slug>", "recipe", "club.recipes.show"),
    ("/events/", "events", "club.events.index"),
    ("/events/<slug>", "event", "club.events.show"),
]:
    app.add_url_rule(rule, endpoint, lazy_view(name))


@app.before_request
def nothing_to_see():
    pass


@app.template_global()
def site():
    return app.config["SITE"]
