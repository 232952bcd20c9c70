SHOP_NAME = "Corner Shop"
CURRENCY = "GBP"
SQLALCHEMY_DATABASE_URI = "sqlite://"
SECRET_KEY = "development only"
