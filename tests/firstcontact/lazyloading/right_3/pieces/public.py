from flask import request


def index():
    return {"endpoint": request.endpoint}


def echo(word):
    return {"word": word}
