from flask import Flask

from gazette import account, blog


def create_app():
    app = Flask(__name__)
    app.register_blueprint(blog.bp)
    app.register_blueprint(account.bp)
    return app
