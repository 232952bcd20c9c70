from flask import request


def index():
    return {"endpoint": request.endpoint}


def user(key):
    return {"user": str(key)}
