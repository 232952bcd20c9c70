from flask import Flask

from lazyview import LazyView

app = Flask(__name__)
app.config.update(DEFAULT_CITY="Lisbon", PARTNERS={"localhost": "Porto", "coimbra.example": "Coimbra"})

app.add_url_rule("/", view_func=LazyView("events.views.upcoming"))
app.add_url_rule("/events/<int:event_id>", view_func=LazyView("events.views.event"))
app.add_url_rule("/about", view_func=LazyView("events.static_pages.about"))
