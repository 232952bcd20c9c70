def init_app(app):
    @app.errorhandler(404)
    def not_found(error):
        return "<h1>We do not carry that</h1>", 404
