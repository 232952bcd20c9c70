from flask import Flask

app = Flask(__name__)
app.config.from_mapping(SECRET_KEY="dev", SHOP_NAME="Second Shelf")
app.config.from_prefixed_env("BOOKSHOP")

from bookshop import errors  # noqa: E402,F401
from bookshop.views import books, pages  # noqa: E402,F401
