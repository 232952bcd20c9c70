import pkgutil
from importlib import import_module

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from station.db import db

app = Flask(__name__, static_folder=None)
app.config.from_mapping(SQLALCHEMY_DATABASE_URI="sqlite://")
app.config.from_prefixed_env("STATION")
app.wsgi_app = ProxyFix(app.wsgi_app, x_prefix=1)
db.init_app(app)

# every module in station.views has views: load them all
from station import views  # noqa: E402

for _module in pkgutil.walk_packages(views.__path__, "station.views."):
    import_module(_module.name)

with app.app_context():
    db.create_all()
