from acme.shop import app


@app.after_request
def policy(response):
    response.content_security_policy.default_src = "'self'"
    return response


@app.errorhandler(404)
def gone(error):
    return "No such thing at Acme's.\n", 404, {"Content-Type": "text/plain"}
